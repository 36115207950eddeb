import { describe, expect, test } from 'vitest'
import { parseExtraFiles } from '../../src/repodata/extraFiles.ts'

const parse = (document: unknown) => parseExtraFiles(Buffer.from(JSON.stringify(document)))
const hex = (character: string, length: number) => character.repeat(length)

test('extra files have their size and the strongest of their checksums', () => {
  const checksums = { md5: hex('a', 32), sha256: hex('b', 64), sha1: hex('c', 40), crc: 'x' }
  const files = parse({ header: { version: '1.0' }, data: [{ file: 'EULA', size: 12, checksums }, { file: './GPL' }] })
  expect(files).toEqual([
    { path: 'EULA', size: 12, digest: { algorithm: 'sha256', hex: hex('b', 64) }, place: 'extra_files.json, entry 1' },
    { path: 'GPL', size: undefined, digest: undefined, place: 'extra_files.json, entry 2' },
  ])
})

describe('what is refused', () => {
  test.each([
    ['no JSON', '<html>', 'E_TREEINFO', 'extra_files.json: it is no JSON'],
    ['no list', '{"payload":{}}', 'E_TREEINFO', 'extra_files.json: it has no list called data'],
    ['null', 'null', 'E_TREEINFO', 'it has no list called data'],
    ['an entry that is none', '{"data":[null]}', 'E_TREEINFO', 'extra_files.json, entry 1: it names no file'],
    ['a size below nothing', '{"data":[{"file":"a","size":-1}]}', 'E_TREEINFO', 'entry 1: the size of a is no number'],
    ['a path outside', '{"data":[{"file":"a"},{"file":"../b"}]}', 'E_PATH', 'entry 2: "../b" is refused'],
    ['a broken checksum', '{"data":[{"file":"a","checksums":{"sha256":"1"}}]}', 'E_HASH', 'entry 1: malformed sha256'],
    ['two sizes', '{"data":[{"file":"a","size":1},{"file":"a","size":2}]}', 'E_TREEINFO', 'entry 2: a is not what'],
  ])('%s', (_, text, code, message) => {
    expect(() => parseExtraFiles(Buffer.from(text))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})
