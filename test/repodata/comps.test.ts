import { describe, expect, test } from 'vitest'
import { mergeComps, trimComps } from '../../src/repodata/comps.ts'

function comps(inner: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<comps>${inner}</comps>\n`)
}

function group(id: string, rest: string): string {
  return `<group><id>${id}</id>${rest}</group>`
}

/** The merged document without white space between tags. */
function merged(...documents: string[]): string {
  return mergeComps(documents.map(comps)).toString().replace(/>\s+</g, '><')
}

describe('merged comps', () => {
  test('have each group once, with the packages of all and the first one’s name', () => {
    const first = group('a', '<name>A</name><packagelist><packagereq type="default">x</packagereq></packagelist>')
    const second = group(
      'a',
      '<name>B</name><packagelist><packagereq type="optional">x</packagereq><packagereq>y</packagereq></packagelist>',
    )
    const both = first.replace('</packagelist>', '<packagereq>y</packagereq></packagelist>')
    expect(merged(first, second + group('b', '<name>B</name>'))).toContain(`<comps>${both}<group><id>b</id>`)
  })

  test('take up a list that the first one lacks', () => {
    const environment = (lists: string) => `<environment><id>e</id><name>E</name>${lists}</environment>`
    const list = '<optionlist><groupid default="true">g</groupid></optionlist>'
    expect(merged(environment('<grouplist></grouplist>'), environment(list))).toContain(
      environment(`<grouplist></grouplist>${list}`),
    )
  })

  test('keep a group, a category and an environment of one id apart, and put langpacks together', () => {
    const kinds = ['group', 'environment', 'category'].map((kind) => `<${kind}><id>a</id></${kind}>`)
    const pack = (name: string) => `<match name="${name}" install="${name}-%s"/>`
    const text = merged(
      ...kinds,
      `<langpacks>${pack('x')}</langpacks>`,
      `<langpacks>${pack('x')}${pack('y')}</langpacks>`,
    )
    expect(text).toContain(`<comps>${kinds.join('')}<langpacks>${pack('x')}${pack('y')}</langpacks></comps>`)
  })

  test('pass over what is commented out, and read a CDATA section as text', () => {
    expect(merged(`<!-- ${group('no', '')} -->${group('a', '<name><![CDATA[</group>]]></name>')}`)).toContain(
      `<comps>${group('a', '<name>&lt;/group&gt;</name>')}</comps>`,
    )
  })

  test.each(['<comps>', '<other/>', '<!DOCTYPE comps [<!ENTITY a "b">]><comps/>'])('are refused of %s', (text) => {
    expect(() => mergeComps([Buffer.from(text)])).toThrow(expect.objectContaining({ code: 'E_XML' }))
  })
})

describe('groups of what is there', () => {
  const document = `<?xml version="1.0"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group>
    <id>tools</id>
    <packagelist>
      <packagereq type="mandatory">a&amp;b</packagereq>
      <packagereq type="optional" requires="x">gone</packagereq>
      <packagereq>there</packagereq>
    </packagelist>
  </group>
</comps>
`
  test('list no other package, byte for byte the same otherwise', async () => {
    const there = new Set(['a&b', 'there'])
    const expected = document.replace('      <packagereq type="optional" requires="x">gone</packagereq>\n', '')
    expect(await trimmed(document, (name) => there.has(name))).toEqual([expected, true])
  })

  test('are upstream’s own where all are there', async () => {
    expect(await trimmed(document, () => true)).toEqual([document, false])
  })

  test('are no error page, nor do they declare entities', async () => {
    await expect(trimmed('<html/>', () => true)).rejects.toThrow('expected <comps>, found <html>')
    const bomb = document.replace('PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd"', '[<!ENTITY a "b">]')
    await expect(trimmed(bomb, () => true)).rejects.toThrow('a DOCTYPE with an internal subset is refused')
  })

  async function trimmed(text: string, isThere: (name: string) => boolean): Promise<[string, boolean]> {
    async function* blocks() {
      yield Buffer.from(text.slice(0, 100))
      yield Buffer.from(text.slice(100))
    }
    const parts = trimComps(blocks(), isThere)
    const { value } = await parts.next()
    const end = await parts.next()
    return [String(value), end.value as boolean]
  }
})
