import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { type Hashed, hashFile } from './hashFile.ts'
import type { Hashing } from './thread.ts'

/** A file to be hashed; `bytes` is what it will take to read it, as far as that is known. */
export type ToHash = { path: string; bytes: number }

export type HashingOptions = {
  /** The program that threads run: this one. */
  program: string
  /** Bytes a second, 0 for as many as the disk gives. */
  rate: number
  signal: AbortSignal
}

/** A thread is given files until they come to these: an answer costs as much as hashing a small file. */
const batch = { files: 64, bytes: 8 * 1024 * 1024 }

/** What takes less time than to start a thread is hashed where it is asked for. */
const few = { files: 256, bytes: 16 * 1024 * 1024 }

/** More threads than these read a disk no faster, and a disk with a head more slowly. */
const mostThreads = 4

/**
 * Hashes files in threads, so many at once as there are processors, begun in the order in
 * which they are given.
 * @param tell called with each file and what it holds, in whatever order they are done
 */
export async function hashAll<File extends ToHash>(
  files: readonly File[],
  { program, rate, signal }: HashingOptions,
  tell: (file: File, hashed: Hashed) => void,
): Promise<void> {
  signal.throwIfAborted()
  if (rate === 0 && isLittle(files)) {
    for (const file of files) tell(file, hashFile(file.path))
    return
  }
  const batches = batchesOf(files)
  const count = Math.min(mostThreads, availableParallelism(), batches.length)
  const workerData: Hashing = { hashing: true, rate: rate === 0 ? 0 : Math.max(1, rate / count) }
  const threads = Array.from({ length: count }, () => new Worker(program, { workerData }))
  const stop = () => void Promise.all(threads.map((thread) => thread.terminate()))
  signal.addEventListener('abort', stop, { once: true })
  try {
    await Promise.all(threads.map((thread) => workOff(thread, batches, signal, tell)))
  } finally {
    signal.removeEventListener('abort', stop)
    await Promise.all(threads.map((thread) => thread.terminate()))
  }
  signal.throwIfAborted()
}

function isLittle(files: readonly ToHash[]): boolean {
  return files.length <= few.files && files.reduce((sum, { bytes }) => sum + bytes, 0) <= few.bytes
}

async function workOff<File extends ToHash>(
  thread: Worker,
  batches: File[][],
  signal: AbortSignal,
  tell: (file: File, hashed: Hashed) => void,
): Promise<void> {
  const ended = once(thread, 'exit').then(() => undefined)
  for (let files = batches.shift(); files !== undefined && !signal.aborted; files = batches.shift()) {
    thread.postMessage(files.map(({ path }) => path))
    // An error of the thread, which only a bug is, rejects here.
    const answer = (await Promise.race([once(thread, 'message'), ended])) as [Hashed[]] | undefined
    if (answer === undefined) return
    for (const [at, hashed] of answer[0].entries()) tell(files[at] as File, hashed)
  }
}

function batchesOf<File extends ToHash>(files: readonly File[]): File[][] {
  const batches: File[][] = []
  let last: File[] = []
  let bytes = 0
  for (const file of files) {
    if (last.length === batch.files || bytes >= batch.bytes || batches.length === 0) {
      last = []
      bytes = 0
      batches.push(last)
    }
    last.push(file)
    bytes += file.bytes
  }
  return batches
}
