import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attribute, attributeRange, isNamed, type StartTag, scanElement, textAfter } from '../../src/xml/scan.ts'
import { judge } from '../helpers/judges.ts'
import { mutations } from './mutations.ts'
import { askXmllint } from './xmllint.ts'

const well = [
  '<a/>',
  '<a></a>',
  '<a ></a\n>',
  '<a>text</a>',
  '<a><b/><b></b><c><d/></c></a>',
  `<a b="c" d='e'/>`,
  '<a\n\tb = "c"\r\nd\t=\n\'e\' />',
  `<a b="it's" c='say "so"'/>`,
  '<a b="&lt;&amp;&quot;&#10;" c="]]>" d=">" e="a\nb"/>',
  '<a>&lt;&gt;&amp;&quot;&apos;</a>',
  '<a>&#9;&#10;&#13;&#32;&#x20;&#xD7FF;&#xE000;&#xfffd;&#x10000;&#x10FFFF;&#1114111;</a>',
  '<a>&#x00000041;&#0065;</a>',
  '<a>] ]> ]] > ]]&gt; &#93;]></a>',
  '<a>" \' / = ? ! - :</a>',
  '<a.b-c_d:e1 _x=""/>',
  '<_/>',
  '<A Aa="" aa="" AA=""/>',
  '<a>\t\n\r\u007f\u0085\u00a0\u2028\ufeff\ufffd</a>',
  '<a>é 漢字 🎉 \u{1fffe}</a>',
  '<a x="é" xml:base="b" xmlns="u" xmlns:p="v"><p:q/></a>',
  `${'<a>'.repeat(64)}${'</a>'.repeat(64)}`,
]

const ill: [what: string, fragment: string | Buffer][] = [
  ['nothing', ''],
  ['text alone', 'text'],
  ['text before', 'text<a/>'],
  ['text behind', '<a/>text'],
  ['a second element', '<a/><b/>'],
  ['an element that does not end', '<a>'],
  ['a tag that does not end', '<a'],
  ['a tag that does not end, with an attribute', '<a b="c"'],
  ['an end tag that does not end', '<a></a'],
  ['an end tag alone', '</a>'],
  ['an end tag too many', '<a></a></a>'],
  ['crossed tags', '<a><b></a></b>'],
  ['an end tag that is longer', '<a></ab>'],
  ['an end tag that is shorter', '<ab></a>'],
  ['an end tag in other letters', '<a></A>'],
  ['an end tag with an attribute', '<a></a b="c">'],
  ['an end tag with a space before its name', '<a></ a>'],
  ['a tag without a name', '<a><></a>'],
  ['a tag with a space before its name', '<a>< b/></a>'],
  ['a slash before the end that does not close', '<a / >'],
  ['a name that begins with a digit', '<1a/>'],
  ['a name that begins with a hyphen', '<-a/>'],
  ['a name that begins with a point', '<.a/>'],
  ['a name with a sign that names do not have', '<a×/>'],
  ['an attribute that begins with a digit', '<a 1b="c"/>'],
  ['an attribute that begins with a hyphen', '<a -b="c"/>'],
  ['an attribute that occurs twice', '<a b="c" b="d"/>'],
  ['an attribute that occurs twice among others', `<a b="" c="" d="" b='' e=""/>`],
  ['a prefixed attribute that occurs twice', '<a x:b="" y:b="" x:b=""/>'],
  ['an attribute without a value', '<a b/>'],
  ['an attribute without a value but its sign', '<a b=/>'],
  ['an attribute without quotes', '<a b=c/>'],
  ['an attribute without a name', '<a ="c"/>'],
  ['quotes that do not match', `<a b="c'/>`],
  ['attributes that are not apart', '<a b="c"d="e"/>'],
  ['an attribute against the name', '<a"b"/>'],
  ['a "<" in an attribute', '<a b="<"/>'],
  ['a "<" in text', '<a> < </a>'],
  ['a bare ampersand', '<a>R&D</a>'],
  ['a bare ampersand in an attribute', '<a b="R&D"/>'],
  ['an ampersand at the end', '<a>&'],
  ['an entity of HTML', '<a>&nbsp;</a>'],
  ['an entity in other letters', '<a>&AMP;</a>'],
  ['a reference without its end', '<a>&amp </a>'],
  ['an empty reference', '<a>&;</a>'],
  ['a reference to no number', '<a>&#;&#x;</a>'],
  ['a reference with a large X', '<a>&#X41;</a>'],
  ['a reference to hex without its sign', '<a>&#4A;</a>'],
  ...['0', '1', '8', '11', '31', 'x0', 'x1F', 'xD800', 'xDFFF', '55296', 'xFFFE', 'xFFFF', '65534'].map(
    (number): [string, string] => [`a reference to the character ${number}`, `<a>&#${number};</a>`],
  ),
  ['a reference beyond Unicode', '<a>&#x110000;</a>'],
  ['a reference far beyond Unicode', `<a>&#x${'F'.repeat(20)};</a>`],
  ['a reference to no character in an attribute', '<a b="&#0;"/>'],
  ...['\u0000', '\u0001', '\u0008', '\u000b', '\u000c', '\u000e', '\u001f', '\ufffe', '\uffff'].flatMap(
    (character): [string, string][] => [
      [`the character ${JSON.stringify(character)} in text`, `<a>${character}</a>`],
      [`the character ${JSON.stringify(character)} in an attribute`, `<a b="${character}"/>`],
      [`the character ${JSON.stringify(character)} in a tag`, `<a ${character}/>`],
    ],
  ),
  ['a "]]>" in text', '<a>]]></a>'],
  ['a "]]]>" in text', '<a>x]]]>y</a>'],
  ['a comment with two hyphens', '<a><!-- -- --></a>'],
  ['an XML declaration inside', '<a><?xml version="1.0"?></a>'],
  ['a DOCTYPE inside', '<a><!DOCTYPE a></a>'],
  ...['80', 'c3', 'c080', 'eda080', 'edbfbf', 'f4908080', 'f8888080', 'fe', 'ff'].map((hex): [string, Buffer] => [
    `the bytes ${hex}, which are not UTF-8`,
    Buffer.concat([Buffer.from('<a>'), Buffer.from(hex, 'hex'), Buffer.from('</a>')]),
  ]),
]

/** Well-formed, but nothing that stands in a record of createrepo_c's form. */
const stricter: [what: string, fragment: string][] = [
  ['a comment', '<a><!-- x --></a>'],
  ['a CDATA section', '<a><![CDATA[x]]></a>'],
  ['a processing instruction', '<a><?x y?></a>'],
  ['a name beyond ASCII', '<é/>'],
  ['an attribute beyond ASCII', '<a é=""/>'],
  ['elements nested 65 deep', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`],
  ['65 attributes', `<a${Array.from({ length: 65 }, (_, i) => ` b${i}=""`).join('')}/>`],
  ['a reference of 40 digits', `<a>&#${'65'.padStart(40, '0')};</a>`],
  ['space before', ' <a/>'],
  ['space behind', '<a/>\n'],
]

function isAccepted(fragment: string | Buffer): boolean {
  try {
    scanElement(Buffer.from(fragment))
    return true
  } catch (error) {
    expect(error).toMatchObject({ name: 'MirrorError', code: 'E_XML' })
    return false
  }
}

describe('an element is accepted', () => {
  test.each(well)('%j', (fragment) => {
    expect(isAccepted(fragment)).toBe(true)
  })
})

describe('an element is refused that has', () => {
  test.each([...ill, ...stricter])('%s', (_, fragment) => {
    expect(isAccepted(fragment)).toBe(false)
  })

  test('an error that says where, and shows what stands there', () => {
    const record = `<package><name>R&D</name>${'x'.repeat(1e6)}</package>`
    expect(() => scanElement(Buffer.from(record))).toThrow(
      `a reference to an unknown entity at byte 16 of a record, near ${JSON.stringify(record.slice(0, 56))}`,
    )
  })
})

const record = `<package type="rpm">
  <name>bash</name>
  <version epoch="0" ver="5.1.8" rel="9.el9"/>
  <checksum type="sha256" pkgid="YES">00</checksum>
  <summary>The GNU &lt;Bourne&gt; "Again" ] shell &amp;</summary>
  <description>Ünïcode.
</description>
  <location href='Packages/b/bash.rpm'/>
  <format><rpm:provides><rpm:entry name="bash" flags="EQ" epoch="0" ver="5" rel="9"/></rpm:provides></format>
</package>`

describe.skipIf(!judge('xmllint'))('xmllint', () => {
  test('has the same verdict on every element', async () => {
    const wellFormed = [...well, ...stricter.map(([, fragment]) => fragment)]
    const accepted = await askXmllint([...wellFormed, ...ill.map(([, fragment]) => fragment)])
    expect(wellFormed.filter((_, i) => !accepted[i])).toEqual([])
    expect(ill.filter((_, i) => accepted[wellFormed.length + i])).toEqual([])
  })

  test('accepts whatever is accepted of a record with random faults', async () => {
    const mutants = fc.sample(mutations(record), 4000)
    const accepted = mutants.filter(isAccepted)
    expect(accepted.length).toBeGreaterThan(100)
    expect(mutants.length - accepted.length).toBeGreaterThan(1000)
    const verdicts = await askXmllint(accepted)
    expect(
      accepted
        .filter((_, i) => !verdicts[i])
        .map(String)
        .slice(0, 5),
    ).toEqual([])
  })
})

describe('an element of any bytes', () => {
  test('is refused or accepted, and never anything else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutations(record)), (bytes) => {
        isAccepted(Buffer.from(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ['open tags', '<a>'.repeat(1e6)],
    ['attributes', `<a${' b=""'.repeat(1e6)}/>`],
    ['different attributes', `<a${Array.from({ length: 1e5 }, (_, i) => ` b${i}=""`).join('')}/>`],
    ['ampersands', `<a>${'&'.repeat(1e6)}</a>`],
    ['references', `<a>${'&#65;'.repeat(1e5)}</a>`],
    ['brackets', `<a>${']'.repeat(5e6)}</a>`],
    ['one name', `<${'a'.repeat(5e6)}/>`],
    ['spaces', `<a${' '.repeat(5e6)}/>`],
    ['characters that begin like U+FFFE', `<a>${'\uffc0'.repeat(1e6)}</a>`],
    ['empty elements', `<a>${'<b/>'.repeat(1e6)}</a>`],
  ])('is read in no time, were it millions of %s', (_, fragment) => {
    const began = performance.now()
    isAccepted(fragment)
    expect(performance.now() - began).toBeLessThan(5000)
  })
})

describe('whoever visits', () => {
  /** What is seen of each tag that the visitor is called for. */
  function visited(element: string, look: (tag: StartTag, depth: number) => unknown): unknown[] {
    const seen: unknown[] = []
    scanElement(Buffer.from(element), (tag, depth) => seen.push(look(tag, depth)))
    return seen
  }

  const nameOf = ({ bytes, nameStart, nameEnd }: StartTag) => bytes.toString('utf8', nameStart, nameEnd)

  test('is shown the element and its children, with their names', () => {
    const seen = visited('<a><b><c/></b>text<d/><p:e></p:e></a>', (tag, depth) => `${depth} ${nameOf(tag)}`)
    expect(seen).toEqual(['0 a', '1 b', '1 d', '1 p:e'])
  })

  test('can tell names apart', () => {
    const names = ['name', 'nam', 'names', 'p:name', 'Name']
    const element = `<a>${names.map((name) => `<${name}/>`).join('')}</a>`
    expect(visited(element, (tag) => isNamed(tag, 'name'))).toEqual([false, true, false, false, false, false])
  })

  test('reads attributes with their references replaced', () => {
    const element = `<a b="1" bb='&lt;"&#233;' c = "" xml:base="x"/>`
    const names = ['b', 'bb', 'c', 'xml:base', 'base', 'd', '']
    expect(visited(element, (tag) => names.map((name) => attribute(tag, name)))).toEqual([
      ['1', '<"é', '', 'x', undefined, undefined, undefined],
    ])
  })

  test('is told where a value stands between its quotes', () => {
    const element = `<a href='x>y' c="d"/>`
    const at = element.indexOf('x>y')
    expect(visited(element, (tag) => attributeRange(tag, 'href'))).toEqual([{ start: at, end: at + 3 }])
  })

  test.each([
    ['<a><b>x &amp; y</b></a>', 'x & y'],
    ['<a><b> é </b></a>', ' é '],
    ['<a><b></b>behind</a>', ''],
    ['<a><b/>behind</a>', ''],
    ['<a><b>x<c/>y</b></a>', 'x'],
  ])('reads the text of b in %s as %j', (element, text) => {
    expect(visited(element, (tag, depth) => (depth === 1 ? textAfter(tag) : undefined))).toContain(text)
  })
})
