import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { CreaterepoOptions, Reading } from '../options.ts'
import { type Batch, memoryOf, readBatch, recordKinds, type ToRead } from './batch.ts'

/** What a reading thread is told: what to read, and memory to write the records into. */
export type Order = { wanted: ToRead[]; spare: ArrayBuffer[] }

/** Reads a batch; one at a time. */
type Reader = (order: Order) => Promise<Batch>

/** To read fewer packages than these takes less time than to start a thread. */
const fewPackages = 50

/**
 * Reads packages, so many batches at once as there are to be workers. The calling thread is one of them: a thread less
 * is some 20 MB less, and a program less that the engine has to warm up for. The others start when there is work for them.
 */
export class Readers implements AsyncDisposable {
  readonly #reading: Reading
  readonly #program: string
  readonly #threads: Worker[] = []
  readonly #mostThreads: number
  readonly #free: Reader[]
  readonly #waiting: ((reader: Reader) => void)[] = []
  readonly #spare: ArrayBuffer[] = []

  /** `packages` is how many there are at most to be read, `program` the file that threads run. */
  constructor({ reading, workers }: CreaterepoOptions, packages: number, program: string) {
    this.#reading = reading
    this.#program = program
    this.#mostThreads = packages < fewPackages ? 0 : workers - 1
    this.#free = [(order) => this.#readHere(order)]
  }

  /** How many batches are read at once. */
  get most(): number {
    return this.#mostThreads + 1
  }

  async read(wanted: ToRead[]): Promise<Batch> {
    const reader = await this.#take()
    const batch = await reader({ wanted, spare: this.#spare.splice(0, recordKinds.length) })
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(reader)
    else next(reader)
    return batch
  }

  /** Gives the memory of a batch back, whose records are not needed any more. */
  recycle(batch: Batch): void {
    this.#spare.push(...memoryOf(batch))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
  }

  #take(): Reader | Promise<Reader> {
    const free = this.#free.pop()
    if (free !== undefined) return free
    if (this.#threads.length < this.#mostThreads) return this.#startThread()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #startThread(): Reader {
    const thread = new Worker(this.#program, { workerData: this.#reading })
    this.#threads.push(thread)
    return async (order) => {
      thread.postMessage(order, order.spare)
      // An error of the thread, which only a bug is, rejects here.
      const [batch] = (await once(thread, 'message')) as [Batch]
      return batch
    }
  }

  async #readHere({ wanted, spare }: Order): Promise<Batch> {
    // Whatever else waits, threads that have answered above all, comes first.
    await nextTurn()
    return readBatch(wanted, this.#reading, spare)
  }
}
