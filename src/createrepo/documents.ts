import { join } from 'node:path'
import type { Algorithm } from '../digest.ts'
import type { WrittenFile } from '../publish/compressed.ts'
import { DocumentWriter, writeDocument } from '../publish/document.ts'
import { readOpened, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import { kinds } from '../repodata/documents.ts'
import { openRecords } from '../xml/cut.ts'
import type { RecordKind } from './read/batch.ts'

/** How documents are written. */
export type Writing = { folder: string; format: WrittenFormat; algorithm: Algorithm }

/** The documents of a repository, all written at once. `packages` is how many records their heads announce. */
export class DocumentWriters {
  readonly #writers: Map<RecordKind, DocumentWriter>

  constructor(wanted: readonly RecordKind[], packages: number, { folder, format, algorithm }: Writing) {
    this.#writers = new Map(
      wanted.map((kind) => {
        const file = join(folder, `${kind}.xml${suffixes[format]}`)
        return [kind, new DocumentWriter(kind, packages, { file, format, algorithm })]
      }),
    )
  }

  /** Adds records of each kind, whose memory is free again at once; waits while a document is behind. */
  async add(records: ReadonlyMap<RecordKind, Buffer[]>): Promise<void> {
    await Promise.all([...this.#writers].map(([kind, writer]) => writer.add(records.get(kind) ?? [])))
  }

  async finish(): Promise<Map<RecordKind, WrittenFile>> {
    const files = [...this.#writers].map(async ([kind, writer]) => [kind, await writer.finish()] as const)
    return new Map(await Promise.all(files))
  }

  async abandon(reason: unknown): Promise<void> {
    await Promise.all([...this.#writers.values()].map((writer) => writer.abandon(reason)))
  }
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
