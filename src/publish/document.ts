import { footer, header, type kinds } from '../repodata/documents.ts'
import { type Output, type WrittenFile, writeCompressed } from './compressed.ts'

/** Bytes are handed to the compressor in blocks of this size: the output depends on how it is fed, and so does its speed. */
const blockBytes = 256 * 1024

/** Writes a document from its records. `packages` is what its head says and must be how many records come. */
export function writeDocument(
  name: keyof typeof kinds,
  packages: number,
  records: AsyncIterable<Buffer[]>,
  output: Output,
): Promise<WrittenFile> {
  return writeCompressed(inBlocks(name, packages, records), output)
}

const newline = Buffer.from('\n')

/** The document's bytes in blocks of one size: head, records each on a line of its own, foot. */
async function* inBlocks(
  name: keyof typeof kinds,
  packages: number,
  records: AsyncIterable<Buffer[]>,
): AsyncGenerator<Buffer, void, undefined> {
  let block = Buffer.allocUnsafe(blockBytes)
  let used = 0
  const full: Buffer[] = []
  const put = (bytes: Buffer) => {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(block, used, from)
      from += copied
      used += copied
      if (used < blockBytes) continue
      full.push(block)
      block = Buffer.allocUnsafe(blockBytes)
      used = 0
    }
  }
  put(Buffer.from(header(name, packages)))
  for await (const batch of records) {
    for (const record of batch) {
      put(record)
      put(newline)
    }
    yield* full.splice(0)
  }
  put(Buffer.from(footer(name)))
  yield* full.splice(0)
  if (used > 0) yield block.subarray(0, used)
}
