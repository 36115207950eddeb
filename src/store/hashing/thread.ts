import { parentPort, workerData } from 'node:worker_threads'
import { type Hashed, hashFile } from './hashFile.ts'

/** What a hashing thread is made with: the bytes that it may read in a second, 0 for as many as it can. */
export type Hashing = { hashing: true; rate: number }

/** What it reads no faster than its rate, over any time that is longer than a block takes. */
export function pacedBy(rate: number): (bytes: number) => void {
  if (rate === 0) return () => {}
  const asleep = new Int32Array(new SharedArrayBuffer(4))
  let free = performance.now()
  return (bytes) => {
    free = Math.max(free, performance.now() - 1000) + (bytes / rate) * 1000
    const early = free - performance.now()
    if (early > 0) Atomics.wait(asleep, 0, 0, early)
  }
}

/** The whole of a hashing thread: each message is the paths of files, each answer what they hold. */
export function answerHashes(): void {
  const paced = pacedBy((workerData as Hashing).rate)
  parentPort?.on('message', (paths: string[]) => {
    const answer: Hashed[] = paths.map((path) => hashFile(path, paced))
    parentPort?.postMessage(answer)
  })
}
