import { parentPort, workerData } from 'node:worker_threads'
import { readBatch, type ToRead } from './batch.ts'
import type { Reading } from './options.ts'

/** The whole of a reading thread: each message is files to read, each answer their batch, whose memory is handed over. */
export function answerReads(): void {
  const reading = workerData as Reading
  parentPort?.on('message', (wanted: ToRead[]) => {
    const batch = readBatch(wanted, reading)
    const memory = Object.values(batch.records).map(({ bytes }) => bytes.buffer as ArrayBuffer)
    parentPort?.postMessage(batch, memory)
  })
}
