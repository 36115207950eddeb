import { describe, expect, test } from 'vitest'
import { deltasOf } from '../../src/repodata/prestodelta.ts'

const hex = 'eb9a110200dbff5d8c29e41f95ce918b076791c00aba1300bde609fbf11d683a'

/** As createrepo_c 0.17.3 --deltas writes it. */
const real = `<?xml version="1.0" encoding="UTF-8"?>
<prestodelta>
  <newpackage name="dd" epoch="0" version="2" release="1" arch="noarch">
    <delta oldepoch="0" oldversion="1" oldrelease="1">
      <filename>drpms/dd-1-1_2-1.noarch.drpm</filename>
      <sequence>dd-1-1-7bc68c93fef42fe24be516dedf7e497a10</sequence>
      <size>2065</size>
      <checksum type="sha256">${hex}</checksum>
    </delta>
  </newpackage>
</prestodelta>
`
const delta = {
  href: 'drpms/dd-1-1_2-1.noarch.drpm',
  base: undefined,
  digest: { algorithm: 'sha256', hex },
  size: 2065,
}

describe('the delta packages of a prestodelta', () => {
  test.each([1, 7, 100_000])('are read in blocks of %i bytes', async (bytes) => {
    expect(await read(real, bytes)).toEqual([delta])
  })

  test('are several of a package, with their bases', async () => {
    const [whole = ''] = /<delta [\s\S]*<\/delta>/.exec(real) ?? []
    const other = whole.replace('<filename>drpms/dd-1', '<filename xml:base="http://h/">drpms/dd-0')
    const second = { ...delta, href: 'drpms/dd-0-1_2-1.noarch.drpm', base: 'http://h/' }
    expect(await read(real.replace(whole, whole + other))).toEqual([delta, second])
  })

  test('may be none', async () => {
    expect(await read('<?xml version="1.0"?>\n<prestodelta>\n</prestodelta>\n')).toEqual([])
  })

  test.each([
    ['a document that is cut off', real.slice(0, 300), 'E_XML', /cut off/],
    ['a delta without a file', real.replace(/<filename>.*<\/filename>/, ''), 'E_XML', /lacks its <filename>/],
    [
      'a delta without a checksum',
      real.replace(/<checksum.*<\/checksum>/, ''),
      'E_XML',
      /lacks its <checksum> \(drpms/,
    ],
    ['a checksum of another length', real.replace(hex, 'abc'), 'E_HASH', /malformed sha256/],
    ['a size that is none', real.replace('2065', '-1'), 'E_XML', /"-1" is no size/],
    ['tags that do not nest', real.replace('</size>', '</sise>'), 'E_XML', /./],
    ['an end without a beginning', real.replace('<newpackage ', '<package '), 'E_XML', /ends no <newpackage>/],
    [
      'a package that never ends',
      `${real.replace('</newpackage>', '')}${' '.repeat(2 ** 21)}`,
      'E_LIMIT',
      /1048576 bytes/,
    ],
  ])('are refused of %s', async (_, text, code, message) => {
    await expect(read(text, 4096)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })
})

async function read(text: string, bytes = 4096): Promise<unknown[]> {
  return await Array.fromAsync(deltasOf(blocks(Buffer.from(text), bytes)))
}

async function* blocks(text: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < text.length; at += bytes) yield text.subarray(at, at + bytes)
}
