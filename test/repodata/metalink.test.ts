import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parseMetalink } from '../../src/repodata/metalink.ts'
import { askLibrepo, hasLibrepo } from '../helpers/librepo.ts'
import { metalinkXml } from '../helpers/metalink.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const urls = ['https://a.example/os/repodata/repomd.xml', 'http://b.example/repodata/repomd.xml', 'rsync://c.example/x']
const current = { bytes: Buffer.from('new'), timestamp: 1_700_000_000 }
const alternates = [
  { bytes: Buffer.from('old'), timestamp: 1_699_900_000 },
  { bytes: Buffer.from('older'), timestamp: 1_699_800_000, algorithms: ['md5', 'sha1'] },
]

const read = (text: string) => parseMetalink(Buffer.from(text), 'repomd.xml')
const digest = (algorithm: string, text: string) => ({
  algorithm,
  hex: createHash(algorithm).update(text).digest('hex'),
})

describe('a metalink', () => {
  test('of MirrorManager has versions with their digests, the strongest first, and places', () => {
    expect(read(metalinkXml({ current, alternates, urls }))).toEqual({
      current: {
        size: 3,
        timestamp: 1_700_000_000,
        digests: ['sha512', 'sha256', 'sha1', 'md5'].map((algorithm) => digest(algorithm, 'new')),
      },
      alternates: [
        {
          size: 3,
          timestamp: 1_699_900_000,
          digests: ['sha512', 'sha256', 'sha1', 'md5'].map((algorithm) => digest(algorithm, 'old')),
        },
        { size: 5, timestamp: 1_699_800_000, digests: ['sha1', 'md5'].map((algorithm) => digest(algorithm, 'older')) },
      ],
      urls,
    })
  })

  test('has the preferred places first, and equal ones as they stand', () => {
    const text = metalinkXml({ current, urls: ['http://a/', 'http://b/', 'http://c/'] })
    expect(read(text.replace('preference="100"', 'preference="1"')).urls).toEqual([
      'http://b/',
      'http://c/',
      'http://a/',
    ])
    expect(read(text.replaceAll(/ preference="\d+"/g, '')).urls).toEqual(['http://a/', 'http://b/', 'http://c/'])
  })

  test('of version 4 (RFC 5854) has digests by IANA’s names and places by priority', () => {
    const { hex } = digest('sha256', 'new')
    const text = `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><published>2026-11-30T12:00:00Z</published>
      <file name="other.iso"><url>http://x/</url></file>
      <file name="repomd.xml"><size>3</size><hash type="sha-256">${hex}</hash><hash type="x-new">1</hash>
      <url priority="2">http://b/</url><url location="de" priority="1">http://a/</url></file></metalink>`
    expect(read(text)).toEqual({
      current: { size: 3, timestamp: undefined, digests: [{ algorithm: 'sha256', hex }] },
      alternates: [],
      urls: ['http://a/', 'http://b/'],
    })
  })

  test.for<[string, string, string]>([
    [
      'U17: of another file',
      metalinkXml({ current, urls, name: 'primary.xml' }),
      'the metalink says nothing of repomd.xml, it describes "primary.xml"',
    ],
    ['of no file', '<metalink/>', 'the metalink says nothing of repomd.xml, it describes nothing'],
    [
      'that is a page',
      '<html>log in</html>',
      'not a metalink (expected <metalink>, found <html>); it begins "<html>log in</html>"',
    ],
    [
      'that is a mirrorlist',
      'http://a/\n',
      'not a metalink (not well-formed at 1:1: char \'h\' is not expected.); it begins "http://a/ "',
    ],
    [
      'with half a digest',
      metalinkXml({ current, urls }).replace(digest('sha256', 'new').hex, 'abc'),
      'the metalink has a malformed sha256 checksum "abc"',
    ],
    [
      'M4: with entities of its own',
      '<!DOCTYPE metalink [<!ENTITY a "b">]><metalink>&a;</metalink>',
      'not a metalink (a DOCTYPE with an internal subset is refused); it begins "<!DOCTYPE metalink [<!ENTITY a \\"b\\">]><metalink>&a;</metalink>"',
    ],
  ])('%s is refused by name', ([, text, message]) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: 'E_METALINK', message }))
  })

  test.skipIf(!hasLibrepo())('says to librepo what it says here', async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'metalink')
    const ours = async (text: string) => {
      await writeFile(file, text)
      return await askLibrepo('metalink', pathToFileURL(file).href, 'list')
    }
    const text = metalinkXml({ current, alternates, urls: urls.slice(0, 2) })
    const { metalink, mirrors } = await ours(text)
    const pairs = read(text).current.digests.map(({ algorithm, hex }) => [algorithm, hex])
    expect(new Map(metalink?.hashes)).toEqual(new Map(pairs as [string, string][]))
    expect(metalink?.urls.map(({ url }) => url)).toEqual(urls.slice(0, 2))
    expect(mirrors).toEqual(['https://a.example/os/', 'http://b.example/'])
    expect((await ours(metalinkXml({ current, urls, name: 'primary.xml' }))).error).toContain('not found in metalink')
    expect((await ours('<html>log in</html>')).error).toBeDefined()
  })
})
