import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { judge } from '../../helpers/judges.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'
import { documentHref, storeDocument } from './upstreamEdits.ts'

type Compress = (open: Buffer) => Buffer

/** Puts other bytes in place of primary; repomd.xml is right about their size and checksum, and silent about the rest. */
function stored(
  what: string,
  make: (primary: Buffer) => Buffer,
  code: string,
  reason: string | RegExp,
  open?: Buffer,
): BadInput {
  const start = `${code} REPO: Cannot sync from URL: Cannot read primary: `
  return {
    what,
    async spoil({ dir }) {
      const primary = gunzipSync(readFileSync(join(dir, await documentHref(dir, 'primary'))))
      await storeDocument(dir, 'primary', { bytes: make(primary), ...(open && { open }) })
    },
    line: typeof reason === 'string' ? start + reason : new RegExp(start + reason.source),
  }
}

/** 200 MiB of spaces, which become some 200 kB by gzip and a few kB by the others. */
const spaces = Buffer.alloc(200 * 2 ** 20, ' ')
const tooMuch = 'the head of the document is larger than 65536 bytes'
const xz: Compress = (open) => execFileSync('xz', ['-c', '-1'], { input: open, maxBuffer: 2 ** 30 })
const bzip2: Compress = (open) => execFileSync('bzip2', ['-c'], { input: open, maxBuffer: 2 ** 30 })

/** A primary with so much before, in or between its records. */
const hugeRecord = (primary: Buffer) =>
  Buffer.from(primary.toString().replace('<summary>', `<summary>${spaces.toString('latin1', 0, 80 * 2 ** 20)}`))
const hugeHead = (primary: Buffer) => Buffer.concat([spaces.subarray(0, 2 ** 20), primary.subarray(38)])

refuses({
  'A1: a document that unpacks to far more than it should': [
    stored('gzip', () => gzipSync(spaces), 'E_LIMIT', tooMuch),
    stored('zstd', () => zstdCompressSync(spaces), 'E_LIMIT', tooMuch),
    ...(judge('xz') ? [stored('xz', () => xz(spaces), 'E_LIMIT', tooMuch)] : []),
    ...(judge('bzip2')
      ? [
          stored(
            'bzip2',
            () => bzip2(spaces),
            'E_LIMIT',
            'it unpacks to more than 65536000 bytes, its stated or allowed open-size',
          ),
        ]
      : []),
    stored(
      'gzip, and says so',
      () => gzipSync(spaces),
      'E_LIMIT',
      'the head of the document is larger than 65536 bytes',
      spaces,
    ),
    stored(
      'gzip, and says less',
      () => gzipSync(spaces),
      'E_LIMIT',
      'it unpacks to more than 1000 bytes, its stated or allowed open-size',
      spaces.subarray(0, 1000),
    ),
    stored(
      'a record of 80 MiB',
      (primary) => gzipSync(hugeRecord(primary)),
      'E_LIMIT',
      'a record is larger than 33554432 bytes',
    ),
    stored(
      'a head of 1 MiB',
      (primary) => gzipSync(hugeHead(primary)),
      'E_LIMIT',
      'the head of the document is larger than 65536 bytes',
    ),
  ],
  'A2: zstd that asks for more than is given': judge('zstd')
    ? [28, 30, 31].map((log) =>
        stored(
          `a window of 2^${log} bytes`,
          (primary) => execFileSync('zstd', ['-qc', '--ultra', `--long=${log}`], { input: primary }),
          'E_FORMAT',
          'broken zst data: Frame requires too much memory for decoding',
        ),
      )
    : [],
  'A3: xz that asks for more than is given': judge('xz')
    ? [
        stored(
          'a dictionary of 65 MiB',
          (primary) => execFileSync('xz', ['-c', '--lzma2=dict=65MiB'], { input: primary }),
          'E_FORMAT',
          'broken xz data: its dictionary is larger than 64 MiB',
        ),
        stored(
          'a wrong CRC',
          (primary) => spoiltIndex(xz(primary)),
          'E_FORMAT',
          'broken xz data: incorrect data or check',
        ),
      ]
    : [],
  'A4 and A6: compressed data that is broken': [
    stored('nothing at all', () => Buffer.alloc(0), 'E_XML', 'no <metadata> element: the document is empty or cut off'),
    stored(
      'gzip that is cut',
      (primary) => gzipSync(primary).subarray(0, -20),
      'E_FORMAT',
      'broken gz data: unexpected end of file',
    ),
    stored(
      'gzip with a flipped bit',
      (primary) => flipped(gzipSync(primary)),
      'E_FORMAT',
      'broken gz data: incorrect data check',
    ),
    stored(
      'gzip with something behind it',
      (primary) => Buffer.concat([gzipSync(primary), Buffer.from('more')]),
      'E_FORMAT',
      'broken gz data: incorrect header check',
    ),
    stored(
      'gzip with zeros behind it',
      (primary) => Buffer.concat([gzipSync(primary), Buffer.alloc(512)]),
      'E_FORMAT',
      '512 bytes behind the end of the gz data',
    ),
    stored(
      'zstd that is cut',
      (primary) => zstdCompressSync(primary).subarray(0, -20),
      'E_FORMAT',
      'broken zst data: unexpected end of file',
    ),
    stored(
      'zstd with something behind it',
      (primary) => Buffer.concat([zstdCompressSync(primary), Buffer.from('more')]),
      'E_FORMAT',
      '4 bytes behind the end of the zst data',
    ),
    ...(judge('xz')
      ? [
          stored(
            'xz that is cut',
            (primary) => xz(primary).subarray(0, -20),
            'E_FORMAT',
            'broken xz data: unexpected end of file',
          ),
        ]
      : []),
    ...(judge('bzip2')
      ? [
          stored(
            'bzip2 that is cut',
            (primary) => bzip2(primary).subarray(0, -20),
            'E_FORMAT',
            'broken bz2 data: Data error',
          ),
        ]
      : []),
    stored(
      'only the first bytes of gzip',
      () => Buffer.from('1f8b', 'hex'),
      'E_FORMAT',
      'broken gz data: unexpected end of file',
    ),
    stored(
      'gzip within gzip',
      (primary) => gzipSync(gzipSync(primary)),
      'E_XML',
      /expected <metadata>, found "\\u001f/,
    ),
    stored('an HTML page', () => Buffer.from('<html><body/></html>'), 'E_XML', 'expected <metadata>, found <html>'),
  ],
})

/** The bit stands in the middle, where the data is. */
function flipped(bytes: Buffer): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1)
  return bytes
}

/** The index stands before the footer of 12 bytes, and ends with its CRC. */
function spoiltIndex(bytes: Buffer): Buffer {
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 14) ^ 1, bytes.length - 14)
  return bytes
}

describe('A5: a suffix that lies does no harm', () => {
  const ways: [string, Compress][] = [
    ['zstd', (open) => zstdCompressSync(open)],
    ['nothing', (open) => open],
  ]
  test.for(ways)('.gz with %s in it', async ([, compress]) => {
    await using site = await makeSite()
    const dir = site.path('upstream')
    await site.writeConfig({ repos: { repo: { baseurl: `file://${dir}` } } })
    await makeRepository(dir, [{ name: 'alpha' }])
    const primary = gunzipSync(readFileSync(join(dir, await documentHref(dir, 'primary'))))
    await storeDocument(dir, 'primary', { bytes: compress(primary), open: primary })
    expect(await runMirror(['sync', '-c', site.configFile])).toMatchObject({ status: 0 })
    expect((await checkTree(site.path('root/repo'))).problems).toEqual([])
  })
})
