import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { footer, header, type kinds } from '../repodata/documents.ts'
import { blockBytes, type Output, type WrittenFile, writeCompressed } from './compressed.ts'

/** Blocks that wait for the compressor before whoever adds records must wait, too. */
const blocksAhead = 4

/** Writes a document from its records. `packages` is what its head says and must be how many records come. */
export async function writeDocument(
  name: keyof typeof kinds,
  packages: number,
  records: AsyncIterable<Buffer[]>,
  output: Output,
): Promise<WrittenFile> {
  const writer = new DocumentWriter(name, packages, output)
  try {
    for await (const batch of records) await writer.add(batch)
  } catch (error) {
    await writer.abandon(error)
    throw error
  }
  return await writer.finish()
}

const newline = Buffer.from('\n')

/** Writes a document as its records come: its head, records each on a line of its own, its foot. */
export class DocumentWriter {
  readonly #name: keyof typeof kinds
  readonly #stream = new PassThrough({ highWaterMark: blocksAhead * blockBytes })
  readonly #written: Promise<WrittenFile>
  #block: Buffer = Buffer.allocUnsafe(blockBytes)
  #used = 0

  constructor(name: keyof typeof kinds, packages: number, output: Output) {
    this.#name = name
    this.#written = writeCompressed(this.#stream, output)
    // Whoever adds records or finishes hears of a failure; until then it must not end the process.
    this.#written.catch(() => {})
    this.#put(Buffer.from(header(name, packages)))
  }

  /** Adds records, whose memory is free again at once; waits until there is room for more. */
  add(records: readonly Buffer[]): Promise<void> {
    for (const record of records) {
      this.#put(record)
      this.#put(newline)
    }
    return this.#room()
  }

  /** Ends the document; resolves when it is on the disk to stay. */
  finish(): Promise<WrittenFile> {
    this.#put(Buffer.from(footer(this.#name)))
    this.#stream.end(this.#block.subarray(0, this.#used))
    return this.#written
  }

  /** Gives the document up and removes its file. */
  async abandon(reason: unknown): Promise<void> {
    this.#stream.destroy(reason as Error)
    await this.#written.catch(() => {})
  }

  async #room(): Promise<void> {
    if (this.#stream.writableNeedDrain) await Promise.race([once(this.#stream, 'drain'), this.#written])
  }

  #put(bytes: Buffer): void {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(this.#block, this.#used, from)
      from += copied
      this.#used += copied
      if (this.#used < blockBytes) continue
      this.#stream.write(this.#block)
      this.#block = Buffer.allocUnsafe(blockBytes)
      this.#used = 0
    }
  }
}
