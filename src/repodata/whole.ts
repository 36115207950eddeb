import { MirrorError } from '../errors.ts'

/**
 * All the bytes of something that is read in blocks, for readers that need it whole.
 * @param what names it in the message of what is too long
 * @throws E_LIMIT where there are more than `limit` bytes
 */
export async function wholeOf(blocks: AsyncIterable<Buffer>, limit: number, what: string): Promise<Buffer> {
  const read: Buffer[] = []
  let length = 0
  for await (const block of blocks) {
    length += block.length
    if (length > limit) throw new MirrorError('E_LIMIT', `${what} has more than ${limit} bytes`)
    // Whoever gives blocks may write the next one into the same memory.
    read.push(Buffer.from(block))
  }
  return Buffer.concat(read)
}
