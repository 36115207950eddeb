import { once } from 'node:events'
import { createWriteStream, rmSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type Algorithm, type Digest, Hasher } from '../digest.ts'
import { fromSystem, isSystemError } from '../errors.ts'
import { compressor, type WrittenFormat } from '../repodata/compression.ts'

/** Bytes are handed to a compressor in blocks of this size: the output depends on how it is fed, and so does its speed. */
export const blockBytes = 256 * 1024

/** Where a metadata file is written and how; its checksums are in `algorithm`, sha256 unless given. */
export type Output = { file: string; format: WrittenFormat; algorithm?: Algorithm }

/** A metadata file that is on the disk to stay; sizes are bytes, the open ones those before compression. */
export type WrittenFile = {
  file: string
  sha256: string
  size: number
  checksum: Digest
  /** Undefined where the file is not compressed, as createrepo_c leaves it out. */
  openChecksum: Digest | undefined
  openSize: number | undefined
}

/** Writes bytes through a compressor into a new file, durably; the file is removed when anything fails. */
export async function writeCompressed(
  blocks: AsyncIterable<Buffer>,
  { file, format, algorithm }: Output,
): Promise<WrittenFile> {
  const open = new Hasher(algorithm)
  const closed = new Hasher(algorithm)
  const compression = compressor(format)
  const output = createWriteStream(file, { mode: 0o644, flush: true })
  await pipeline([
    blocks,
    meter(open),
    ...(compression === undefined ? [] : [compression]),
    meter(closed),
    output,
  ]).catch(async (error: unknown) => {
    // A stream that is ended while it opens its file makes it nevertheless.
    if (!output.closed) await once(output, 'close').catch(() => {})
    rmSync(file, { force: true })
    throw isSystemError(error, 'ENOSPC', 'EDQUOT', 'EFBIG', 'EIO') ? fromSystem(error, `Cannot write ${file}`) : error
  })
  const { sha256, stated } = closed.finish()
  const opened =
    compression === undefined
      ? { openChecksum: undefined, openSize: undefined }
      : { openChecksum: open.finish().stated, openSize: open.bytes }
  return { file, sha256, size: closed.bytes, checksum: stated, ...opened }
}

function meter(hasher: Hasher) {
  return async function* (blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    for await (const block of blocks) {
      hasher.update(block)
      yield block
    }
  }
}

/** The same bytes in the blocks that compressors get: what comes out depends on how they are fed. */
export async function* inBlocks(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Buffer[] = []
  let bytes = 0
  for await (const part of parts) {
    waiting.push(part)
    bytes += part.length
    if (bytes < blockBytes) continue
    const all = Buffer.concat(waiting)
    const whole = all.length - (all.length % blockBytes)
    for (let from = 0; from < whole; from += blockBytes) yield all.subarray(from, from + blockBytes)
    waiting = [all.subarray(whole)]
    bytes = all.length - whole
  }
  yield Buffer.concat(waiting)
}
