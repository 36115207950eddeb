import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Connections } from './connections.ts'
import { type Client, type Handler, type HttpResponse, statusResponse } from './message.ts'
import { send } from './send.ts'

/** One answered request, with all that a combined log line or a counter needs; texts are as the client sent them. */
export interface AccessEntry {
  time: Date
  remote: string
  method: string
  target: string
  /** `1.1` */
  httpVersion: string
  referer: string | undefined
  userAgent: string | undefined
  status: number
  /** Of the body, handed to the connection. */
  bytes: number
  milliseconds: number
  /** False when the connection ended first. */
  complete: boolean
  /** What failed on our side; the client got a 500, or its connection cut. */
  error?: unknown
}

/** Answers every well-formed request of the server by the handler, one at a time for each connection. */
export function answerWith(
  server: Server,
  connections: Connections,
  handler: Handler,
  log: ((entry: AccessEntry) => void) | undefined,
): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    request.resume() // A body has no meaning here: it is read and dropped, so that the next request starts where it ends.
    connections.inTurn(request.socket, async (client) => {
      if (connections.draining) response.shouldKeepAlive = false
      const outcome = await answer(request, response, client, handler)
      log?.({ ...describe(request), remote: client.address, ...outcome })
    })
  })
}

type Outcome = Pick<AccessEntry, 'time' | 'status' | 'bytes' | 'milliseconds' | 'complete' | 'error'>

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  client: Client,
  handler: Handler,
): Promise<Outcome> {
  const time = new Date()
  const start = performance.now()
  let failure: { error?: unknown } = {}
  let reply: HttpResponse
  try {
    const asked = ask(handler, request, client)
    reply = asked instanceof Promise ? await asked : asked
  } catch (error) {
    failure = { error }
    reply = statusResponse(500)
  }
  const sent = await send(reply, response)
  return { time, status: reply.status, ...failure, ...sent, milliseconds: performance.now() - start }
}

/** node takes HTTP/0.9 and 2.0 request lines too, and would answer them as 1.1. */
function ask(
  handler: Handler,
  { httpVersionMajor, method = '', url = '', headers }: IncomingMessage,
  client: Client,
): ReturnType<Handler> {
  return httpVersionMajor === 1 ? handler({ method, target: url, headers, client }) : statusResponse(400)
}

function describe({
  method = '',
  url = '',
  httpVersion,
  headers,
}: IncomingMessage): Omit<AccessEntry, keyof Outcome | 'remote'> {
  return { method, target: url, httpVersion, referer: headers.referer, userAgent: headers['user-agent'] }
}
