import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { type Addresses, senderOf } from './addresses.ts'
import type { Connections } from './connections.ts'
import { basic } from './credentials.ts'
import {
  type Client,
  type Handler,
  type HttpRequest,
  type HttpResponse,
  statusResponse,
  withoutBody,
} from './message.ts'
import { send } from './send.ts'

/** One answered request, with all that a combined log line or a counter needs; texts are as the client sent them. */
export interface AccessEntry {
  time: Date
  /** The IP address that asked, behind a proxy of ours too. */
  remote: string
  /** The name in a Basic Authorization, whether its password was right or not. */
  user: string | undefined
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

/** What is asked, and what is told of it. */
export interface Answering {
  handler: Handler
  /** Proxies of ours, which are believed when they say who asks. */
  proxies?: () => Addresses | undefined
  onAnswer?: ((entry: AccessEntry) => void) | undefined
}

/** Answers every well-formed request of the server by the handler, one at a time for each connection. */
export function answerWith(server: Server, connections: Connections, { handler, proxies, onAnswer }: Answering): void {
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    request.resume() // A body has no meaning here: it is read and dropped, so that the next request starts where it ends.
    connections.inTurn(request.socket, async (client) => {
      if (connections.draining) response.shouldKeepAlive = false
      const asked = requestOf(request, client, senderOf(client.address, request.headers, proxies?.()))
      const outcome = await answer(asked, request.httpVersionMajor, response, handler)
      onAnswer?.({ ...describe(asked), httpVersion: request.httpVersion, ...outcome })
    })
  })
}

function requestOf({ method = '', url = '', headers }: IncomingMessage, client: Client, address: string): HttpRequest {
  return { method, target: url, headers, client, address }
}

type Outcome = Pick<AccessEntry, 'time' | 'status' | 'bytes' | 'milliseconds' | 'complete' | 'error'>

async function answer(
  request: HttpRequest,
  httpVersion: number,
  response: ServerResponse,
  handler: Handler,
): Promise<Outcome> {
  const time = new Date()
  const start = performance.now()
  let failure: { error?: unknown } = {}
  let reply: HttpResponse
  try {
    // node takes HTTP/0.9 and 2.0 request lines too, and would answer them as 1.1.
    const given = httpVersion === 1 ? handler(request) : statusResponse(400)
    reply = given instanceof Promise ? await given : given
  } catch (error) {
    failure = { error }
    reply = statusResponse(500)
  }
  const sent = await send(request.method === 'HEAD' ? withoutBody(reply) : reply, response)
  return { time, status: reply.status, ...failure, ...sent, milliseconds: performance.now() - start }
}

function describe({ address, method, target, headers }: HttpRequest): Omit<AccessEntry, keyof Outcome | 'httpVersion'> {
  const { authorization, referer, 'user-agent': userAgent } = headers
  return { remote: address, user: basic(authorization)?.user, method, target, referer, userAgent }
}
