import { randomBytes } from 'node:crypto'
import type { FileBody, Slice } from './message.ts'

/** The pieces of a multipart/byteranges body (RFC 9110 14.6), with its media type and its length in bytes. */
export interface Multipart {
  type: string
  length: number
  pieces: FileBody['pieces']
}

/** Slices of a file of `size` bytes as one body; the boundary is random, so that no file can contain it on purpose. */
export function multipart(slices: readonly Slice[], size: number, type: string): Multipart {
  const boundary = randomBytes(16).toString('hex')
  const parts = slices.flatMap((slice) => [
    Buffer.from(`\r\n--${boundary}\r\ncontent-type: ${type}\r\ncontent-range: ${contentRange(slice, size)}\r\n\r\n`),
    slice,
  ])
  const pieces = [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)]
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return { type: `multipart/byteranges; boundary=${boundary}`, length, pieces }
}

/** `bytes 0-8/1000`, where the last number is the size of the whole file. */
export function contentRange({ start, length }: Slice, size: number): string {
  return `bytes ${start}-${start + length - 1}/${size}`
}
