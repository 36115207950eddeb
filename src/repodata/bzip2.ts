import type { Readable } from 'node:stream'
import { MirrorError } from '../errors.ts'
import { wholeOf } from './whole.ts'

/** There is no streaming reader of quality in this language, so that both forms of a file are held in memory. */
const maxBytes = 256 * 1024 * 1024

const blockBytes = 1024 * 1024

/**
 * The bytes of a bzip2 file of one stream or several; the files it appears in are old and small.
 * @throws E_LIMIT for more than 256 MiB on either side, or when more than `limit` bytes come out
 */
export async function* unbzip2(file: Readable, limit: number): AsyncGenerator<Buffer, void, undefined> {
  const input = await wholeOf(file, maxBytes, 'the bzip2 file')
  const { default: bzip2 } = await import('seek-bzip')
  const { writeByte, blocks } = output(Math.min(limit, maxBytes))
  bzip2.decode(input, { writeByte }, true)
  yield* blocks()
}

/** Takes what comes out byte by byte, which is how the decoder gives it, and stops it as soon as it is too much. */
function output(limit: number): { writeByte: (byte: number) => void; blocks: () => Buffer[] } {
  const full: Buffer[] = []
  let block = Buffer.allocUnsafe(blockBytes)
  let used = 0
  return {
    writeByte: (byte) => {
      if (used === blockBytes) {
        full.push(block)
        block = Buffer.allocUnsafe(blockBytes)
        used = 0
      }
      if (full.length * blockBytes + used === limit)
        throw new MirrorError('E_LIMIT', `it unpacks to more than ${limit} bytes, its stated or allowed open-size`)
      block[used++] = byte
    },
    blocks: () => [...full, block.subarray(0, used)],
  }
}
