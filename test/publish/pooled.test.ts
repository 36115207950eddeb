import { readdirSync, readFileSync, statSync } from 'node:fs'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writePooledDocument } from '../../src/publish/pooled.ts'
import type { WrittenFormat } from '../../src/repodata/compression.ts'
import { type DocumentName, documents } from '../../src/repodata/documents.ts'
import { type Opened, openNewState, sha256Of } from '../store/opened.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openNewState()
})
afterAll(() => opened[Symbol.asyncDispose]())

const heads: Record<DocumentName, string> = {
  primary: 'metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm"',
  filelists: 'filelists xmlns="http://linux.duke.edu/metadata/filelists"',
  other: 'otherdata xmlns="http://linux.duke.edu/metadata/other"',
}

describe.each([
  ['gz', '.gz', gunzipSync],
  ['zst', '.zst', zstdDecompressSync],
  ['none', '', (bytes: Buffer) => bytes],
] as const)('a document as %s', (format, suffix, open) => {
  test.each(documents)('%s: head, records on lines of their own, foot', async (name) => {
    const records = makeRecords(3)
    const file = await write(name, format, [records.slice(0, 2), [], records.slice(2)])
    const bytes = readFileSync(opened.state.pool.path(file.sha256))
    const [root] = heads[name].split(' ')
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<${heads[name]} packages="3">\n${records.join('\n')}\n</${root}>`
    expect(open(bytes).toString()).toBe(text)
    expect(file).toEqual({
      type: name,
      path: `repodata/${sha256Of(bytes)}-${name}.xml${suffix}`,
      sha256: sha256Of(bytes),
      size: bytes.length,
      digest: { algorithm: 'sha256', hex: sha256Of(bytes) },
      openChecksum: format === 'none' ? undefined : { algorithm: 'sha256', hex: sha256Of(text) },
      openSize: format === 'none' ? undefined : Buffer.byteLength(text),
    })
    expect((statSync(opened.state.pool.path(file.sha256)).mode & 0o777).toString(8)).toBe('644')
  })

  test('is the same bytes however its records come in', async () => {
    const records = makeRecords(2000)
    const whole = await write('primary', format, [records])
    const single = await write(
      'primary',
      format,
      records.map((record) => [record]),
    )
    const uneven = await write('primary', format, [records.slice(0, 7), records.slice(7, 1500), records.slice(1500)])
    expect(whole.openSize ?? whole.size).toBeGreaterThan(2 * 256 * 1024)
    expect([single.sha256, uneven.sha256]).toEqual([whole.sha256, whole.sha256])
  })
})

test('a document without packages has a head and a foot', async () => {
  const { sha256 } = await write('other', 'none', [])
  expect(readFileSync(opened.state.pool.path(sha256), 'utf8')).toMatch(/ packages="0">\n<\/otherdata>$/)
})

test('records may be larger than a block', async () => {
  const text = `<package>${'x'.repeat(600 * 1024)}</package>`
  const record = Buffer.from(text)
  const { sha256 } = await write('other', 'none', [[record, record]])
  expect(readFileSync(opened.state.pool.path(sha256), 'utf8')).toContain(`>\n${text}\n${text}\n</otherdata>`)
})

test('a record may be overwritten by whoever made it once the next batch is asked for', async () => {
  const shared = Buffer.from('<package>1</package>')
  const batches = async function* () {
    yield [shared]
    shared.write('2', 9)
    yield [shared]
  }
  const { sha256 } = await writePooledDocument('other', 2, batches(), 'none', opened.state)
  expect(readFileSync(opened.state.pool.path(sha256), 'utf8')).toContain('<package>1</package>\n<package>2</package>')
})

test('records that cannot be read to their end are that error, and leave nothing behind', async () => {
  const failing = async function* () {
    yield makeRecords(2000)
    throw new Error('the records end here')
  }
  await expect(writePooledDocument('primary', 2000, failing(), 'gz', opened.state)).rejects.toThrow(
    'the records end here',
  )
  expect(readdirSync(opened.state.tmp)).toEqual(['left'])
})

function write(name: DocumentName, format: WrittenFormat, batches: Buffer[][]) {
  return writePooledDocument(name, batches.flat().length, stream(batches), format, opened.state)
}

async function* stream(batches: Buffer[][]): AsyncGenerator<Buffer[], void, undefined> {
  for (const batch of batches) yield batch
}

/** Records of some 300 bytes, no two the same. */
function makeRecords(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => {
    const noise = [0, 1, 2, 3].map((salt) => sha256Of(`${i} ${salt}`)).join('')
    return Buffer.from(`<package pkgid="${i}">\n  <name>ä${noise}</name>\n</package>`)
  })
}
