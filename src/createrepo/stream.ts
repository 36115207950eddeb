import { type Batch, type Outcome, type RecordKind, recordKinds } from './read/batch.ts'
import type { Readers } from './read/readers.ts'
import { type Reused, reusedRecords } from './update/reuse.ts'

/** Files that are read by one thread at once: enough that messages between threads cost little, few enough to hold. */
const batchFiles = 24
/** Batches that are begun before the first is used, so that no reader waits; more where there are more readers. */
const batchesAhead = 6

/** A file that is to become a package, with its href; `reused` are records of it that can be used again. */
export type Planned = { file: string; href: string; base: string | undefined; reused: Reused | undefined }

/** One file of the repository and what became of it. */
export type Handled = { file: string; href: string; reused: boolean; outcome: Outcome }

/** Files in the order of the documents, and the records of those that are not left out: valid until the next chunk. */
export type Chunk = { handled: Handled[]; records: Map<RecordKind, Buffer[]> }

type Pending = { planned: readonly Planned[]; batch: Promise<Batch> | undefined }

/** The records of planned packages in their order: those of a few batches are held, never all. */
export async function* recordStream(
  planned: readonly Planned[],
  readers: Readers,
): AsyncGenerator<Chunk, void, undefined> {
  const ahead = Math.max(batchesAhead, readers.most)
  const pending: Pending[] = []
  for (let from = 0; from < planned.length; from += batchFiles) {
    pending.push(begin(planned.slice(from, from + batchFiles), readers))
    if (pending.length > ahead) yield* finish(pending.shift() as Pending, readers)
  }
  for (const last of pending) yield* finish(last, readers)
}

function begin(planned: readonly Planned[], readers: Readers): Pending {
  const wanted = planned.filter(({ reused }) => reused === undefined)
  if (wanted.length === 0) return { planned, batch: undefined }
  const batch = readers.read(wanted.map(({ file, href, base }) => ({ file, href, base })))
  // Whoever waits for it hears of a failure; until then it must not end the process.
  batch.catch(() => {})
  return { planned, batch }
}

async function* finish({ planned, batch: read }: Pending, readers: Readers): AsyncGenerator<Chunk, void, undefined> {
  const batch = await read
  yield await toChunk(planned, batch)
  if (batch !== undefined) readers.recycle(batch)
}

async function toChunk(planned: readonly Planned[], batch: Batch | undefined): Promise<Chunk> {
  if (batch !== undefined && isWhole(planned, batch)) return wholeChunk(planned, batch)
  const read = new BatchReader(batch)
  const chunk: Chunk = { handled: [], records: new Map(recordKinds.map((kind) => [kind, []])) }
  for (const { file, href, reused } of planned) {
    const outcome = reused === undefined ? read.next() : { ...reused.old, warnings: [] }
    chunk.handled.push({ file, href, reused: reused !== undefined, outcome })
    if ('reason' in outcome) continue
    const records = reused === undefined ? read.records() : await reusedRecords(reused)
    for (const [kind, record] of records) chunk.records.get(kind)?.push(record)
  }
  return chunk
}

/** Whether every file of a batch was read, none used again and none left out: its records can go on as they lie. */
function isWhole(planned: readonly Planned[], { outcomes }: Batch): boolean {
  return outcomes.length === planned.length && outcomes.every((outcome) => !('reason' in outcome))
}

function wholeChunk(planned: readonly Planned[], { outcomes, records }: Batch): Chunk {
  const handled = planned.map(({ file, href }, i) => ({ file, href, reused: false, outcome: outcomes[i] as Outcome }))
  const blocks = Object.entries(records).map(([kind, { bytes }]): [RecordKind, Buffer[]] => {
    // Whoever writes the records ends the last line, too.
    return [kind as RecordKind, [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 1)]]
  })
  return { handled, records: new Map(blocks) }
}

/** Takes a batch apart, one file after the other. */
class BatchReader {
  readonly #batch: Batch
  #file = 0
  #record = 0

  constructor(batch: Batch = { outcomes: [], records: {} }) {
    this.#batch = batch
  }

  /** What became of the next file. */
  next(): Outcome {
    return this.#batch.outcomes[this.#file++] as Outcome
  }

  /** The records of the file whose outcome was given last. */
  *records(): Generator<[RecordKind, Buffer]> {
    const at = this.#record++
    for (const kind of recordKinds) {
      const block = this.#batch.records[kind]
      if (block === undefined) continue
      const start = at === 0 ? 0 : (block.ends[at - 1] as number) + 1
      yield [kind, Buffer.from(block.bytes.buffer, block.bytes.byteOffset + start, (block.ends[at] as number) - start)]
    }
  }
}
