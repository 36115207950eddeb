import { once } from 'node:events'
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { MirrorError } from '../errors.ts'
import type { Operations } from './operations.ts'
import { answerRefusal, Refusal, refusalOf } from './refusal.ts'
import { findRoute } from './routes.ts'
import { readToken, tokenGuard } from './token.ts'

/** Where the API listens; files by absolute paths. */
export type AdminPlaces = {
  socket: string
  listen: { host: string; port: number } | undefined
  tokenFile: string | undefined
  tlsCert: string | undefined
  tlsKey: string | undefined
}

/** A listening API; `urls` has that on TCP. */
export type Admin = { urls: string[]; close(): Promise<void> }

/** Decides whether a request is answered at all. @throws Refusal */
type Guard = (request: IncomingMessage) => void

/**
 * Answers on a unix socket whoever may open it, and on TCP whoever brings the token.
 * @param bug told of failures that are nobody's but ours
 * @throws E_BUSY where another daemon answers at the socket, E_LISTEN, E_CONFIG
 */
export async function openAdmin(
  places: AdminPlaces,
  operations: Operations,
  bug: (error: unknown) => void,
): Promise<Admin> {
  const { listen, tokenFile } = places
  const local = server(operations, () => {}, bug)
  await removeDead(places.socket)
  await listening(local, { path: places.socket }, places.socket)
  chmodSync(places.socket, 0o600)
  if (listen === undefined || tokenFile === undefined) return { urls: [], close: () => closed(local) }
  const guard = tokenGuard(readToken(tokenFile))
  const remote = server(operations, withoutBrowsers(guard), bug, tlsOf(places))
  await listening(remote, listen, `${listen.host}:${listen.port}`)
  const { port } = remote.address() as { port: number }
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  const url = `http${places.tlsCert === undefined ? '' : 's'}://${host}:${port}/`
  const close = async () => void (await Promise.all([closed(local), closed(remote)]))
  return { urls: [url], close }
}

function tlsOf({ tlsCert, tlsKey }: AdminPlaces): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) }
}

/** A page that somebody has open must not speak for them: browsers say where a request comes from, programs do not. */
function withoutBrowsers(guard: Guard): Guard {
  return (request) => {
    const { origin, 'sec-fetch-site': site } = request.headers
    if (origin !== undefined || site !== undefined) throw new Refusal(403, 'this is no API for browsers')
    guard(request)
  }
}

function server(
  operations: Operations,
  guard: Guard,
  bug: (error: unknown) => void,
  tls?: { cert: Buffer; key: Buffer },
): Server {
  const limits = { headersTimeout: 10_000, requestTimeout: 10_000, keepAliveTimeout: 5000, maxHeaderSize: 16 * 1024 }
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    void answerRequest(request, response, operations, guard).catch((error: unknown) => {
      const refusal = refusalOf(error)
      if (refusal === undefined) bug(error)
      if (response.headersSent) response.destroy()
      else {
        // What is left of a body that nobody reads would be taken for the next request.
        response.shouldKeepAlive = false
        answerRefusal(response, refusal ?? new Refusal(500, 'this is a bug; the log has it', { code: 'E_BUG' }))
      }
    })
  }
  const made = tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tls }, answer)
  made.maxConnections = 256
  return made
}

async function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  operations: Operations,
  guard: Guard,
): Promise<void> {
  guard(request)
  const [path = '', search = ''] = (request.url ?? '').split('?', 2)
  const { route, name } = findRoute(request.method ?? '', path)
  await route.answer({ request, response, operations, name, query: new URLSearchParams(search) })
}

/** A socket at which nobody answers was left by a daemon that was killed. */
async function removeDead(socket: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(socket)
    probe.once('connect', () => resolve(true)).once('error', () => resolve(false))
    probe.once('connect', () => probe.destroy())
  })
  if (alive) throw new MirrorError('E_BUSY', `another daemon answers at ${socket}; stop it, or give each its own state`)
  rmSync(socket, { force: true })
}

async function listening(
  server: Server,
  at: { path: string } | { host: string; port: number },
  name: string,
): Promise<void> {
  try {
    server.listen(at)
    await once(server, 'listening')
  } catch (cause) {
    throw new MirrorError('E_LISTEN', `Cannot listen on ${name} for the admin API: ${(cause as Error).message}`, {
      cause,
    })
  }
}

/** Streams are cut: whoever reads them is told that the daemon has gone. */
async function closed(server: Server): Promise<void> {
  const gone = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await gone
}
