import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import { pipeline, Readable } from 'node:stream'
import zlib from 'node:zlib'
import { type Digest, difference, Hasher } from '../digest.ts'
import { isSystemError, MirrorError } from '../errors.ts'
import { unbzip2 } from './bzip2.ts'
import { throughProgram } from './program.ts'

export type Format = 'gz' | 'xz' | 'zst' | 'bz2' | 'none'

/** Blocks of this size go in and come out: small pieces make zlib and zstd several times slower. */
const chunkSize = 256 * 1024

/** Whatever a document says of itself, it is not read beyond these. */
const limits = { openBytes: 16 * 1024 ** 3, ratio: 1000, zstdWindowLog: 27 }

/** What the metadata says of the uncompressed bytes. */
export type Opened = { openSize: number | undefined; openChecksum: Digest | undefined }

/**
 * The uncompressed bytes of a file, checked against what the metadata says of them when the last one has been read.
 * The format is recognized by the file's first bytes, not by its name.
 * @throws E_FORMAT for broken data, E_LIMIT for a bomb, E_SIZE and E_CHECKSUM at the end
 */
export async function* readOpened(path: string, expected: Opened): AsyncGenerator<Buffer, void, undefined> {
  const { format, size } = await sniff(path)
  const limit = Math.min(limits.openBytes, expected.openSize ?? Math.max(size, 64 * 1024) * limits.ratio)
  const hasher = new Hasher(expected.openChecksum?.algorithm)
  for await (const chunk of chunks(path, format, size, limit)) {
    hasher.update(chunk)
    if (hasher.bytes > limit)
      throw new MirrorError('E_LIMIT', `it unpacks to more than ${limit} bytes, its stated or allowed open-size`)
    yield chunk
  }
  checkOpened(hasher, expected)
}

function checkOpened(hasher: Hasher, { openSize, openChecksum }: Opened): void {
  if (openSize !== undefined && hasher.bytes !== openSize)
    throw new MirrorError('E_SIZE', `open-size expected ${openSize}, found ${hasher.bytes}`)
  const { stated } = hasher.finish()
  if (openChecksum !== undefined && stated.hex !== openChecksum.hex)
    throw new MirrorError('E_CHECKSUM', `open-checksum differs: ${difference(openChecksum, stated)}`)
}

const magics: [Format, Buffer][] = [
  ['gz', Buffer.from('1f8b', 'hex')],
  ['zst', Buffer.from('28b52ffd', 'hex')],
  ['xz', Buffer.from('fd377a585a00', 'hex')],
  ['bz2', Buffer.from('BZh')],
  // A zstd file may begin with a frame that is to be skipped, as pzstd's do (RFC 8878 section 3.1.2).
  ...Array.from({ length: 16 }, (_, i): [Format, Buffer] => ['zst', Buffer.from([0x50 + i, 0x2a, 0x4d, 0x18])]),
]

/** The file's compression by its first bytes; anything unknown is taken as not compressed. */
export async function sniff(path: string): Promise<{ format: Format; size: number }> {
  const handle = await open(path)
  try {
    const { buffer } = await handle.read(Buffer.alloc(8), 0, 8, 0)
    const format = magics.find(([, magic]) => buffer.subarray(0, magic.length).equals(magic))?.[0] ?? 'none'
    return { format, size: (await handle.stat()).size }
  } finally {
    await handle.close()
  }
}

async function* chunks(
  path: string,
  format: Format,
  size: number,
  limit: number,
): AsyncGenerator<Buffer, void, undefined> {
  const file = createReadStream(path, { highWaterMark: format === 'none' ? chunkSize : 128 * 1024 })
  try {
    if (format === 'none') yield* file
    else if (format === 'xz') yield* await unxz(file)
    else if (format === 'bz2') yield* unbzip2(file, limit)
    else yield* inflated(file, format, size)
  } catch (cause) {
    if (cause instanceof MirrorError || isSystemError(cause)) throw cause
    throw new MirrorError('E_FORMAT', `broken ${format} data: ${reasonOf(cause as Error)}`, { cause })
  } finally {
    file.destroy()
  }
}

/** zlib and zstd both pass over what stands behind their data without a word. */
async function* inflated(file: Readable, format: 'gz' | 'zst', size: number): AsyncGenerator<Buffer, void, undefined> {
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: limits.zstdWindowLog }
  const inflate = format === 'gz' ? zlib.createGunzip({ chunkSize }) : zlib.createZstdDecompress({ chunkSize, params })
  // A failure of either reaches whoever iterates, so the callback has nothing to do.
  yield* pipeline(file, inflate, () => {})
  const behind = size - inflate.bytesWritten
  if (behind > 0) throw new MirrorError('E_FORMAT', `${behind} bytes behind the end of the ${format} data`)
}

/** XZ Embedded tells a number only (its xz.h, enum xz_ret). */
function reasonOf({ message }: Error): string {
  const result = /^get_next_output failed with error code (\d+)$/.exec(message)?.[1]
  return (result && xzResults[result]) ?? message
}

const xzResults: Record<string, string> = {
  2: 'a kind of check that is not known',
  3: 'no memory for its dictionary',
  4: 'its dictionary is larger than 64 MiB',
  5: 'no xz stream where one should begin',
  6: 'options that are not supported',
  7: 'incorrect data or check',
  8: 'unexpected end of file',
}

async function unxz(file: Readable): Promise<AsyncIterable<Buffer>> {
  // A CommonJS bundle whose names Node cannot see: they are on its default export alone.
  const { default: xz } = await import('xz-decompress')
  return Readable.fromWeb(new xz.XzReadableStream(Readable.toWeb(file)) as never) as AsyncIterable<Buffer>
}

/**
 * What is written: gzip for everything that reads RPM metadata, zstd for clients since 2022, plain; XZ and bzip2 for
 * whoever asks for them, by the programs of these names.
 */
export type WrittenFormat = Format

/** The format to publish in for clients that read the upstream's: whoever reads xz or bzip2 reads gzip too. */
export function formatLike(upstream: Format): 'gz' | 'zst' | 'none' {
  return upstream === 'zst' || upstream === 'none' ? upstream : 'gz'
}

export const suffixes: Record<WrittenFormat, string> = { gz: '.gz', zst: '.zst', xz: '.xz', bz2: '.bz2', none: '' }

/** gzip's own default; zstd 5, since more effort saves a few percent of bytes and costs 15 MB of memory for each document. */
const levels = { gz: 6, zst: 5 }

/** createrepo_c's levels and check (src/compression_wrapper.c 62-82). One thread, or the bytes would depend on how many. */
const programs = { xz: ['-5', '--check=crc32', '-T1', '-c'], bz2: ['-5', '-c'] }

/** A compressing stream; undefined for plain output. The same input in the same blocks gives the same bytes. */
export function compressor(format: WrittenFormat): Duplex | undefined {
  if (format === 'gz') return zlib.createGzip({ level: levels.gz, chunkSize: 256 * 1024 })
  if (format === 'zst') {
    const params = { [zlib.constants.ZSTD_c_compressionLevel]: levels.zst, [zlib.constants.ZSTD_c_checksumFlag]: 1 }
    return zlib.createZstdCompress({ chunkSize: 256 * 1024, params })
  }
  if (format === 'none') return undefined
  return throughProgram(format === 'xz' ? 'xz' : 'bzip2', programs[format])
}
