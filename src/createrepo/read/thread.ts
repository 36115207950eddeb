import { parentPort, workerData } from 'node:worker_threads'
import type { Reading } from '../options.ts'
import { memoryOf, readBatch } from './batch.ts'
import type { Order } from './readers.ts'

/** The whole of a reading thread: each message is files to read, each answer their batch, whose memory is handed over. */
export function answerReads(): void {
  const reading = workerData as Reading
  parentPort?.on('message', ({ wanted, spare }: Order) => {
    const batch = readBatch(wanted, reading, spare)
    parentPort?.postMessage(batch, memoryOf(batch))
  })
}
