import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseDigest } from '../../src/digest.ts'
import { compressor, formatLike, readOpened, sniff } from '../../src/repodata/compression.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { failing, makers, opened, piped } from './compressed.ts'

const document = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `<package>${i}</package>\n`).join(''))
/** Those that can be made here. */
const formats = Object.entries(makers).filter(([, { needs }]) => judge(...needs))
const sha256 = (bytes: Buffer) => parseDigest('sha256', createHash('sha256').update(bytes).digest('hex'))

/** A frame that readers of zstd skip. */
const skippable = Buffer.from('502a4d1804000000deadbeef', 'hex')

describe('a document', () => {
  test.each(formats)('in %s is read and compared with what was said of it', async (_, { make }) => {
    const said = { openSize: document.length, openChecksum: sha256(document) }
    expect((await opened(make(document), said)).equals(document)).toBe(true)
    const sha512 = parseDigest('sha512', createHash('sha512').update(document).digest('hex'))
    expect((await opened(make(document), { openChecksum: sha512 })).equals(document)).toBe(true)
  })

  test.each(formats)('in %s is known by what is in it', async (format, { make }) => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'primary.xml.gz')
    const bytes = make(document)
    await writeFile(file, bytes)
    expect(await sniff(file)).toEqual({ format, size: bytes.length })
  })

  test.each(formats)('of nothing in %s is nothing', async (_, { make }) => {
    expect(await opened(make(Buffer.alloc(0)), { openSize: 0 })).toHaveLength(0)
  })

  test.each([
    ['a page', '<html>'],
    ['the first byte of gzip', '\u001f'],
    ['half of a magic number', Buffer.from('28b52f', 'hex')],
    ['text that begins with two letters of bzip2', 'BZ is no compression'],
  ])('that is %s is read as it is', async (_, text) => {
    expect(await opened(Buffer.from(text))).toEqual(Buffer.from(text))
  })

  test('of one compression in another is opened once', async () => {
    expect(await opened(gzipSync(gzipSync(document)))).toEqual(gzipSync(document))
  })
})

describe('a document in parts', () => {
  const [first, second] = [document.subarray(0, 600_000), document.subarray(600_000)]

  test.each(formats)('of %s is read whole', async (_, { make }) => {
    expect((await opened(Buffer.concat([make(first), make(second)]))).equals(document)).toBe(true)
  })

  test('of zstd may have frames that are to be skipped', async () => {
    const [a, b] = [zstdCompressSync(first), zstdCompressSync(second)]
    const bytes = Buffer.concat([skippable, a, ...Array(10_000).fill(skippable), b, skippable])
    expect((await opened(bytes)).equals(document)).toBe(true)
  })

  test.skipIf(!judge('xz')).each([
    ['blocks', '--block-size=65536'],
    ['a check of another kind', '--check=crc32'],
    ['no check', '--check=none'],
    ['the best compression', '-9'],
  ])('of xz may have %s', async (_, option) => {
    expect((await opened(piped(document, 'xz', '-c', option))).equals(document)).toBe(true)
  })

  test.skipIf(!judge('zstd')).each([['--long=27'], ['-19'], ['--no-check']])(
    'of zstd may be made with %s',
    async (option) => {
      expect((await opened(piped(document, 'zstd', '-qc', option))).equals(document)).toBe(true)
    },
  )
})

describe('a document is refused as broken that', () => {
  const compressed = formats.filter(([format]) => format !== 'none')

  test.each(compressed)('is cut, in %s', async (format, { make }) => {
    const bytes = make(document)
    for (const end of [8, bytes.length >> 1, bytes.length - 1]) {
      const { error } = await failing(bytes.subarray(0, end), { openSize: document.length })
      expect(error, `cut at ${end} of ${bytes.length}`).toMatchObject({
        code: 'E_FORMAT',
        message: expect.stringMatching(`^broken ${format} data: .`),
      })
    }
  })

  test.each(compressed)('has a bit flipped, in %s', async (format, { make }) => {
    const bytes = make(document)
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 0x10, bytes.length >> 1)
    const { error } = await failing(bytes, { openChecksum: sha256(document) })
    expect(error).toMatchObject({ code: expect.stringMatching('^E_(FORMAT|CHECKSUM)$') })
    // zstd has a checksum only where its writer was asked for one.
    if (format !== 'zst') expect(error).toMatchObject({ code: 'E_FORMAT' })
  })

  test.each(compressed)('has garbage behind it, in %s', async (_, { make }) => {
    const bytes = make(document)
    for (const garbage of ['garbage!', '\u0000\u0001', '<html>']) {
      const { error } = await failing(Buffer.concat([bytes, Buffer.from(garbage)]))
      expect(error, JSON.stringify(garbage)).toMatchObject({ code: 'E_FORMAT' })
    }
  })

  test.each(compressed.filter(([format]) => format !== 'xz'))('has zeros behind it, in %s', async (_, { make }) => {
    const { error } = await failing(Buffer.concat([make(document), Buffer.alloc(512)]))
    expect(error).toMatchObject({ code: 'E_FORMAT' })
  })

  test.skipIf(!judge('xz'))('is xz with zeros behind it that are no padding', async () => {
    const xz = piped(document, 'xz', '-c')
    expect((await opened(Buffer.concat([xz, Buffer.alloc(8)]))).equals(document)).toBe(true)
    expect((await failing(Buffer.concat([xz, Buffer.alloc(6)]))).error).toMatchObject({ code: 'E_FORMAT' })
  })

  test.skipIf(!judge('zstd'))('needs a larger window than is given', async () => {
    for (const log of [28, 30, 31]) {
      const { size, error } = await failing(piped(document, 'zstd', '-qc', '--ultra', `--long=${log}`))
      expect({ size, error }).toMatchObject({ size: 0, error: { code: 'E_FORMAT' } })
    }
  })

  test.skipIf(!judge('zstd'))('needs a dictionary', async () => {
    await using folder = await makeTemporaryFolder()
    const dictionary = join(folder.path, 'dictionary')
    const samples = Array.from({ length: 500 }, (_, i) => join(folder.path, String(i)))
    await Promise.all(
      samples.map((file, i) => writeFile(file, `<package>${i}</package><name>${i * 7}</name>`.repeat(3))),
    )
    piped(Buffer.alloc(0), 'zstd', '-q', '--train', ...samples, '-o', dictionary, '--maxdict=2000')
    const { size, error } = await failing(piped(document, 'zstd', '-qc', '-D', dictionary))
    expect({ size, error }).toMatchObject({ size: 0, error: { code: 'E_FORMAT' } })
  })

  test.skipIf(!judge('xz')).each([
    ['a dictionary of half a gigabyte', '--lzma2=dict=512MiB'],
    ['a check that is not known', '--check=sha256'],
  ])('is xz with %s', async (_, option) => {
    const { size, error } = await failing(piped(document, 'xz', '-c', option))
    expect({ size, error }).toMatchObject({ size: 0, error: { code: 'E_FORMAT' } })
  })

  test.each([
    ['gz', '1f8b'],
    ['gz', '1f8b0800000000000003'],
    ['zst', '28b52ffd'],
    ['xz', 'fd377a585a0000'],
    ['bz2', '425a68'],
    ['bz2', '425a683978'],
  ])('is only the magic number of %s (%s)', async (format, hex) => {
    expect((await failing(Buffer.from(hex, 'hex'))).error).toMatchObject({
      code: 'E_FORMAT',
      message: expect.stringMatching(`^broken ${format} data: .`),
    })
  })

  test.each(compressed)('is random behind its magic number, in %s', async (_, { make }) => {
    const magic = make(document).subarray(0, 6)
    for (let i = 0; i < 20; i++) {
      const bytes = Buffer.concat([magic, randomBytes(2000)])
      expect((await failing(bytes, { openSize: document.length })).error).toMatchObject({ name: 'MirrorError' })
    }
  })
})

describe('what was said of a document', () => {
  test.each(formats)('is compared with its size, in %s', async (_, { make }) => {
    const more = await failing(make(document), { openSize: document.length + 1 })
    expect(more).toMatchObject({
      size: document.length,
      error: { code: 'E_SIZE', message: `open-size expected ${document.length + 1}, found ${document.length}` },
    })
    const less = await failing(make(document), { openSize: document.length - 1 })
    expect(less.size).toBeLessThan(document.length)
    expect(less.error).toMatchObject({
      code: 'E_LIMIT',
      message: `it unpacks to more than ${document.length - 1} bytes, its stated or allowed open-size`,
    })
  })

  test('is compared with its checksum', async () => {
    const openChecksum = sha256(Buffer.from('other'))
    expect(await failing(gzipSync(document), { openChecksum })).toMatchObject({
      size: document.length,
      error: {
        code: 'E_CHECKSUM',
        message: expect.stringMatching('^open-checksum differs: sha256 expected d9298a10d1b0'),
      },
    })
  })
})

describe('a file that cannot be read', () => {
  test('is an error of the system, not of its format', async () => {
    await using folder = await makeTemporaryFolder()
    await mkdir(join(folder.path, 'folder'))
    const nothing = { openSize: undefined, openChecksum: undefined }
    for (const [name, code] of [
      ['missing', 'ENOENT'],
      ['folder', 'EISDIR'],
    ] as const)
      await expect(readOpened(join(folder.path, name), nothing).next()).rejects.toMatchObject({ code })
  })
})

describe('a document that is not read to its end', () => {
  test.each(formats)('is closed, and another is read, in %s', async (_, { make }) => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'document')
    await writeFile(file, make(randomBytes(3_000_000)))
    const before = (await readdir('/proc/self/fd')).length
    for (let i = 0; i < 3; i++)
      for await (const chunk of readOpened(file, { openSize: undefined, openChecksum: undefined })) {
        expect(chunk.length).toBeGreaterThan(0)
        break
      }
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before)
    expect((await opened(make(document))).equals(document)).toBe(true)
  })
})

describe('what is written', () => {
  test.each([
    ['gz', 'gz'],
    ['zst', 'zst'],
    ['none', 'none'],
    ['xz', 'gz'],
    ['bz2', 'gz'],
  ] as const)('for those who read %s is %s', (upstream, written) => {
    expect(formatLike(upstream)).toBe(written)
  })

  /** The document fed to a compressor in blocks of a size. */
  async function compressed(format: 'gz' | 'zst', blockSize: number): Promise<Buffer> {
    const stream = compressor(format)
    if (stream === undefined) throw new Error('nothing to compress with')
    const all = buffer(stream)
    for (let at = 0; at < document.length; at += blockSize) stream.write(document.subarray(at, at + blockSize))
    stream.end()
    return all
  }

  test.each(['gz', 'zst'] as const)('in %s is the same for the same input in the same blocks', async (format) => {
    const [first, second] = [await compressed(format, 256 * 1024), await compressed(format, 256 * 1024)]
    expect(first.equals(second)).toBe(true)
    expect((await opened(first)).equals(document)).toBe(true)
    expect((format === 'gz' ? gunzipSync(first) : zstdDecompressSync(first)).equals(document)).toBe(true)
    expect(first.length).toBeLessThan(document.length / 4)
  })

  test('in gzip names neither a file nor a time', async () => {
    expect((await compressed('gz', 256 * 1024)).subarray(3, 8)).toEqual(Buffer.alloc(5))
  })

  test('as it is needs no compressor', () => {
    expect(compressor('none')).toBeUndefined()
  })

  const testers = [
    ['gz', 'gzip', ['-t']],
    ['zst', 'zstd', ['-qt']],
  ] as const
  test.each(testers.filter(([, command]) => judge(command)))(
    'in %s is accepted by %s',
    async (format, command, options) => {
      const bytes = await compressed(format, 256 * 1024)
      expect(() => piped(bytes, command, ...options)).not.toThrow()
      expect(() => piped(bytes.subarray(0, -1), command, ...options)).toThrow()
    },
  )

  test.skipIf(!judge('zstd'))('in zstd has a checksum and a window that every reader takes', async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'document.zst')
    await writeFile(file, await compressed('zst', 256 * 1024))
    const listed = String(piped(Buffer.alloc(0), 'zstd', '-lv', file))
    expect(listed).toMatch(/Check: XXH64/)
    const [, size = '', unit] = /Window Size: ([\d.]+) ([KM]iB)/.exec(listed) ?? []
    expect(Number(size) * (unit === 'MiB' ? 1 : 1 / 1024)).toBeLessThanOrEqual(8)
  })
})
