import { once } from 'node:events'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Algorithm } from '../digest.ts'
import type { WrittenFile } from '../publish/compressed.ts'
import { writeDocument } from '../publish/document.ts'
import { readOpened, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import { kinds } from '../repodata/documents.ts'
import { openRecords } from '../xml/cut.ts'
import type { RecordKind } from './batch.ts'

/** How documents are written. */
export type Writing = { folder: string; format: WrittenFormat; algorithm: Algorithm }

/** The documents of a repository, all written at once. `packages` is how many records their heads announce. */
export class DocumentWriters {
  readonly #writers: Map<RecordKind, { stream: PassThrough; written: Promise<WrittenFile> }>

  constructor(wanted: readonly RecordKind[], packages: number, writing: Writing) {
    this.#writers = new Map(wanted.map((kind) => [kind, startWriter(kind, packages, writing)]))
  }

  /** Adds records of each kind; waits while a document is behind. */
  async add(records: ReadonlyMap<RecordKind, Buffer[]>): Promise<void> {
    for (const [kind, { stream, written }] of this.#writers)
      if (!stream.write(records.get(kind) ?? [])) await Promise.race([once(stream, 'drain'), written])
  }

  async finish(): Promise<Map<RecordKind, WrittenFile>> {
    for (const { stream } of this.#writers.values()) stream.end()
    const files = [...this.#writers].map(async ([kind, { written }]) => [kind, await written] as const)
    return new Map(await Promise.all(files))
  }

  /** Gives the documents up. */
  async abandon(reason: unknown): Promise<void> {
    for (const { stream } of this.#writers.values()) stream.destroy(reason as Error)
    await Promise.allSettled([...this.#writers.values()].map(({ written }) => written))
  }
}

function startWriter(kind: RecordKind, packages: number, { folder, format, algorithm }: Writing) {
  const stream = new PassThrough({ objectMode: true, highWaterMark: 4 })
  const file = join(folder, `${kind}.xml${suffixes[format]}`)
  const written = writeDocument(kind, packages, stream, { file, format, algorithm })
  // Whoever adds records or finishes hears of a failure; until then it must not end the process.
  written.catch(() => {})
  return { stream, written }
}

/** Writes a document again with the right number in its head, and without the rows that are not to stay. */
export async function rewriteDocument(
  kind: RecordKind,
  before: WrittenFile,
  { packages, dropped }: { packages: number; dropped: ReadonlySet<number> },
  { folder, format, algorithm }: Writing,
): Promise<WrittenFile> {
  const file = join(folder, `${kind}-counted.xml${suffixes[format]}`)
  return await writeDocument(kind, packages, remaining(kind, before, dropped), { file, format, algorithm })
}

async function* remaining(
  kind: RecordKind,
  { file, openChecksum, openSize }: WrittenFile,
  dropped: ReadonlySet<number>,
): AsyncGenerator<Buffer[], void, undefined> {
  const { batches } = await openRecords(readOpened(file, { openChecksum, openSize }), kinds[kind])
  let row = 0
  for await (const batch of batches) yield batch.filter(() => !dropped.has(row++))
}
