import { describe, expect, test } from 'vitest'
import { attributeOf, childrenOf, parseXml, textOf } from '../../src/xml/parse.ts'

const parse = (text: string | Buffer, ...lists: string[]) => parseXml(Buffer.from(text), 'r', new Set(lists))

describe('a small document', () => {
  test.each([
    ['text', '<r>a</r>', { '#text': 'a' }],
    ['nothing', '<r/>', { '#text': '' }],
    ['attributes', `<r a="b" c='d'/>`, { '@a': 'b', '@c': 'd' }],
    ['children', '<r><a>b</a><c/></r>', { a: 'b', c: '' }],
    ['prefixes, which are left out', '<p:r xmlns:p="u" p:a="b"><p:c/></p:r>', { '@a': 'b', c: '' }],
    ['numbers, which are text', '<r a="1.10"><b>007</b><c>1e3</c></r>', { '@a': '1.10', b: '007', c: '1e3' }],
    ['space, which stays', '<r><a> b\n</a></r>', { a: ' b\n' }],
    ['references', '<r a="&lt;&#233;"><b>&amp;lt;&#x1F389;</b></r>', { '@a': '<é', b: '&lt;🎉' }],
    ['CDATA, in which nothing is read', '<r><a>b<![CDATA[&lt;c> & ]]>d</a></r>', { a: 'b&lt;c> & d' }],
    ['comments, which are left out', '<r><!-- <a/> --><b>c<!-- & -->d</b></r>', { b: 'cd' }],
    ['a declaration', '<?xml version="1.0" encoding="UTF-8"?>\n<r><a/></r>\n', { a: '' }],
    ['a byte order mark', '\ufeff<r><a/></r>', { a: '' }],
    ['a stylesheet', '<?xml-stylesheet href="x"?><r><a/></r><?x?>', { a: '' }],
    ['a plain DOCTYPE', '<!DOCTYPE r PUBLIC "-//X//EN" "r.dtd"><r><a/></r>', { a: '' }],
    ['elements that occur twice', '<r><a>b</a><a>c</a></r>', { a: ['b', 'c'] }],
    ['64 levels', `<r>${'<a>'.repeat(63)}${'</a>'.repeat(63)}</r>`, expect.anything()],
  ])('may have %s', (_, text, element) => {
    expect(parse(text)).toEqual(element)
  })

  test('has lists where lists are asked for, however often an element occurs', () => {
    expect(parse('<r><a/><b/></r>', 'a')).toEqual({ a: [''], b: '' })
    expect(parse('<r><a/><a>c</a></r>', 'a')).toEqual({ a: ['', 'c'] })
    expect(parse('<r a="b"/>', 'a')).toEqual({ '@a': 'b' })
  })

  test('is read by its text, attributes and children', () => {
    const element = parse('<r a="b" e=""> c <d/><d>x</d><f> </f><g h="i">j</g></r>', 'd')
    expect([textOf(element), textOf(element.f), textOf(element.g), textOf(element.none), textOf(element.d)]).toEqual([
      'c',
      undefined,
      'j',
      undefined,
      undefined,
    ])
    expect(['a', 'e', 'none'].map((name) => attributeOf(element, name))).toEqual(['b', '', undefined])
    expect([attributeOf(element.g, 'h'), attributeOf(element.f, 'h'), attributeOf(element.d, 'h')]).toEqual([
      'i',
      undefined,
      undefined,
    ])
    expect([childrenOf(element, 'd'), childrenOf(element, 'g'), childrenOf(element, 'none')]).toEqual([
      ['', 'x'],
      [],
      [],
    ])
  })
})

describe('a small document is refused that', () => {
  const anywhere = 'not well-formed at \\d+:\\d+: .'

  test.each<[string, string | Buffer, string]>([
    ['is empty', '', anywhere],
    ['is text', 'Not found', anywhere],
    ['is JSON', '{"error":"not found"}', anywhere],
    ['is a web page', '<!DOCTYPE html><html><head><title>Log in</title></head></html>', 'expected <r>, found <html>'],
    ['is a web page of old', '<html><body><br><p>Log in</body></html>', anywhere],
    ['has another root', '<q/>', 'expected <r>, found <q>'],
    ['has its root in another', '<q><r/></q>', 'expected <r>, found <q>'],
    ['has two roots', '<r/><r/>', 'more than one <r>'],
    ['has another root behind', '<r/><q/>', 'expected <r>, found <q>'],
    ['has another root before', '<q/><r/>', 'expected <r>, found <q>'],
    ['has text behind', '<r></r>text', anywhere],
    ['has text behind what is closed at once', '<r/>text', 'text behind <r>'],
    ['is cut in a tag', '<r><a', anywhere],
    ['is cut in an attribute', '<r><a b="', anywhere],
    ['is cut in text', '<r><a>b', anywhere],
    ['is cut in a comment', '<r><!-- a', anywhere],
    ['is cut in CDATA', '<r><![CDATA[a', anywhere],
    ['has crossed tags', '<r><a><b></a></b></r>', anywhere],
    ['has an attribute without quotes', '<r a=b/>', anywhere],
    ['has an attribute twice', '<r a="" a=""/>', anywhere],
    ['has a bare ampersand', '<r>a & b</r>', anywhere],
    ['has an unknown entity', '<r>&foo;</r>', 'a reference to an unknown entity: &foo;'],
    ['has an unknown entity in an attribute', '<r a="&foo;"/>', 'a reference to an unknown entity: &foo;'],
    ['has a reference to no character', '<r>&#0;</r>', 'a reference to an unknown entity: &#0;'],
    ['has a control character', '<r>\u0001</r>', 'the character "\\\\u0001", which XML forbids'],
    ['has a null character', '<r/>\u0000', 'the character "\\\\u0000", which XML forbids'],
    ['has a noncharacter', '<r a="\ufffe"/>', 'which XML forbids'],
    ['is not UTF-8', Buffer.from('<r>é</r>', 'latin1'), 'not UTF-8'],
    ['is UTF-16', Buffer.from('\ufeff<r/>', 'utf16le'), 'not UTF-8'],
    ['is compressed', Buffer.from('1f8b0800', 'hex'), 'not UTF-8'],
    ['declares entities', '<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>', 'a DOCTYPE with an internal subset is refused'],
    [
      'declares entities in small letters',
      '<!doctype r [<!ENTITY a "b">]><r>&a;</r>',
      'a DOCTYPE with an internal subset',
    ],
    ['declares entities behind a quoted ">"', '<!DOCTYPE r SYSTEM ">" [<!ENTITY a "b">]><r>&a;</r>', anywhere],
    ['names a file as an entity', '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r>&a;</r>', 'a DOCTYPE with'],
    ['nests 65 levels', `<r>${'<a>'.repeat(65)}${'</a>'.repeat(65)}</r>`, 'Maximum nested tags exceeded'],
    ['has names that are dangerous to write in JavaScript', '<r><__proto__/></r>', 'Invalid name: "__proto__"'],
  ])('%s', (_, text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'E_XML', message: expect.stringMatching(message) }),
    )
  })

  test('is larger than 16 MiB', () => {
    const bytes = 16 * 2 ** 20 + 1
    expect(() => parse(`<r>${' '.repeat(bytes - 7)}</r>`)).toThrow(
      expect.objectContaining({
        code: 'E_LIMIT',
        message: `an XML document of ${bytes} bytes; at most ${16 * 2 ** 20} are read`,
      }),
    )
  })

  test.each([
    ['laughs a billion times', `<!DOCTYPE r [<!ENTITY a "${'b'.repeat(1000)}">]><r>${'&a;'.repeat(1e5)}</r>`],
    ['opens tags for ever', '<r>'.repeat(1e6)],
    ['has a million attributes', `<r ${'a="" '.repeat(1e6)}/>`],
    ['has a million comments that do not end', '<!-- '.repeat(1e6)],
  ])('%s, and at once', (_, text) => {
    const began = performance.now()
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'E_XML' }))
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
