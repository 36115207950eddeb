import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Batch, readBatch, type ToRead } from './batch.ts'
import type { CreaterepoOptions, Reading } from './options.ts'

/** Whoever reads packages. */
export type Readers = AsyncDisposable & { read(wanted: ToRead[]): Promise<Batch> }

/** To read fewer packages than these takes less time than to start a thread. */
const fewPackages = 50

/** Threads that read, as many as there are to be and as there is work; for a few packages the caller's own. */
export function openReaders({ reading, workers }: CreaterepoOptions, packages: number, program: string): Readers {
  if (packages < fewPackages) return { read: async (wanted) => readBatch(wanted, reading), ...nothingToEnd }
  return new ReadingThreads(workers, reading, program)
}

const nothingToEnd = { [Symbol.asyncDispose]: async () => {} }

class ReadingThreads implements Readers {
  readonly #most: number
  readonly #reading: Reading
  readonly #program: string
  readonly #threads: Worker[] = []
  readonly #free: Worker[] = []
  readonly #waiting: ((thread: Worker) => void)[] = []

  constructor(most: number, reading: Reading, program: string) {
    this.#most = most
    this.#reading = reading
    this.#program = program
  }

  async read(wanted: ToRead[]): Promise<Batch> {
    const thread = await this.#take()
    thread.postMessage(wanted)
    // An error of the thread, which only a bug is, rejects here.
    const [batch] = (await once(thread, 'message')) as [Batch]
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(thread)
    else next(thread)
    return batch
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
