import { MirrorError } from '../errors.ts'

/** No element of a metadata document may be larger, in bytes: the largest that is known has some 5 million. */
export const maxRecord = 32 * 1024 * 1024

/**
 * The rest of a document with at least as much again behind it, so that the bytes of a long record are copied twice on
 * the average and not for each chunk that it comes in; undefined at the end.
 * @throws E_LIMIT where the rest, which holds no whole record, is too large for one
 */
export async function withMore(rest: Buffer, chunks: AsyncIterator<Buffer>): Promise<Buffer | undefined> {
  if (rest.length > maxRecord) throw new MirrorError('E_LIMIT', `a record is larger than ${maxRecord} bytes`)
  const parts = rest.length === 0 ? [] : [rest]
  let size = 0
  do {
    const next = await chunks.next()
    if (next.done === true) break
    parts.push(next.value)
    size += next.value.length
  } while (size < rest.length)
  if (size === 0) return undefined
  return Buffer.concat(parts)
}
