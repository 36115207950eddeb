import { createWriteStream, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Digest, Hasher } from '../digest.ts'
import { compressor, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import { type DocumentName, footer, header } from '../repodata/documents.ts'
import type { Content } from '../store/content.ts'
import type { State } from '../store/state.ts'

/** A metadata file that is in the pool: what repomd.xml says of it, its name beside. */
export type MetadataFile = Content & {
  type: string
  /** Below the repository's directory: `repodata/<sha256>-primary.xml.gz`. */
  path: string
  openChecksum: Digest | undefined
  openSize: number | undefined
}

/** Bytes are handed to the compressor in blocks of this size: the output depends on how it is fed, and so does its speed. */
const blockBytes = 256 * 1024

/**
 * Writes one of the three documents from its records and gives it to the pool. `packages` is what its head says and
 * must be how many records come.
 */
export async function writeDocument(
  name: DocumentName,
  packages: number,
  records: AsyncIterable<Buffer[]>,
  format: WrittenFormat,
  { tmp, pool }: Pick<State, 'tmp' | 'pool'>,
): Promise<MetadataFile> {
  const open = new Hasher()
  const closed = new Hasher()
  const temporary = join(tmp, `${name}-${process.pid}.new`)
  const file = createWriteStream(temporary, { mode: 0o644, flush: true })
  const compression = compressor(format)
  await pipeline([
    inBlocks(name, packages, records),
    meter(open),
    ...(compression === undefined ? [] : [compression]),
    meter(closed),
    file,
  ]).catch((error: unknown) => {
    rmSync(temporary, { force: true })
    throw error
  })
  const { sha256, stated } = closed.finish()
  pool.adopt(temporary, sha256)
  return {
    type: name,
    path: `repodata/${sha256}-${name}.xml${suffixes[format]}`,
    sha256,
    size: closed.bytes,
    digest: stated,
    ...(format === 'none'
      ? { openChecksum: undefined, openSize: undefined }
      : { openChecksum: open.finish().stated, openSize: open.bytes }),
  }
}

function meter(hasher: Hasher) {
  return async function* (blocks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
    for await (const block of blocks) {
      hasher.update(block)
      yield block
    }
  }
}

const newline = Buffer.from('\n')

/** The document's bytes in blocks of one size: head, records each on a line of its own, foot. */
async function* inBlocks(
  name: DocumentName,
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
