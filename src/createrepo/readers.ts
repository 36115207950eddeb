import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Batch, memoryOf, readBatch, recordKinds, type ToRead } from './batch.ts'
import type { CreaterepoOptions, Reading } from './options.ts'

/** Whoever reads packages. */
export type Readers = AsyncDisposable & {
  read(wanted: ToRead[]): Promise<Batch>
  /** Gives the memory of a batch back, whose records are not needed any more. */
  recycle(batch: Batch): void
}

/** What a reading thread is told: what to read, and memory to write the records into. */
export type Order = { wanted: ToRead[]; spare: ArrayBuffer[] }

/** To read fewer packages than these takes less time than to start a thread. */
const fewPackages = 50

/** Threads that read, as many as there are to be and as there is work; for a few packages the caller's own. */
export function openReaders({ reading, workers }: CreaterepoOptions, packages: number, program: string): Readers {
  return packages < fewPackages ? new OwnReader(reading) : new ReadingThreads(workers, reading, program)
}

class OwnReader implements Readers {
  readonly #reading: Reading
  readonly #spare: ArrayBuffer[] = []

  constructor(reading: Reading) {
    this.#reading = reading
  }

  async read(wanted: ToRead[]): Promise<Batch> {
    return readBatch(wanted, this.#reading, this.#spare)
  }

  recycle(batch: Batch): void {
    this.#spare.push(...memoryOf(batch))
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class ReadingThreads implements Readers {
  readonly #most: number
  readonly #reading: Reading
  readonly #program: string
  readonly #threads: Worker[] = []
  readonly #free: Worker[] = []
  readonly #spare: ArrayBuffer[] = []
  readonly #waiting: ((thread: Worker) => void)[] = []

  constructor(most: number, reading: Reading, program: string) {
    this.#most = most
    this.#reading = reading
    this.#program = program
  }

  async read(wanted: ToRead[]): Promise<Batch> {
    const thread = await this.#take()
    const spare = this.#spare.splice(0, recordKinds.length)
    thread.postMessage({ wanted, spare } satisfies Order, spare)
    // An error of the thread, which only a bug is, rejects here.
    const [batch] = (await once(thread, 'message')) as [Batch]
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(thread)
    else next(thread)
    return batch
  }

  recycle(batch: Batch): void {
    this.#spare.push(...memoryOf(batch))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #take(): Worker | Promise<Worker> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#threads.length === this.#most) return new Promise((resolve) => this.#waiting.push(resolve))
    const thread = new Worker(this.#program, { workerData: this.#reading })
    this.#threads.push(thread)
    return thread
  }
}
