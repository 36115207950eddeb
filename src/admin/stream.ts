import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Asked, Told } from './operations.ts'

/** JSON texts, one on each line. */
export const ndjson = 'application/x-ndjson'

/** Whether whoever asks wants to be told as it goes. */
export function wantsStream({ headers }: IncomingMessage): boolean {
  return headers.accept?.split(',').some((type) => type.split(';')[0]?.trim() === ndjson) === true
}

/** A reader that is so far behind (bytes) is not told of progress, of which the next line says more anyway. */
const backlogBytes = 256 * 1024

/** Tells everything of the jobs until they have ended. Whoever goes away before does not want them any more. */
export async function answerStream(response: ServerResponse, asked: Asked): Promise<void> {
  response.writeHead(200, { 'content-type': ndjson, 'cache-control': 'no-store' })
  const tell = (told: Told) => {
    if (isProgress(told) && response.writableLength > backlogBytes) return
    response.write(`${JSON.stringify(told)}\n`)
  }
  const { ended, leave } = asked.follow(tell)
  response.once('close', leave)
  for (const job of asked.jobs) tell({ type: 'job', job })
  await ended
  response.end()
}

function isProgress(told: Told): boolean {
  return told.type === 'event' && told.event.type === 'progress'
}
