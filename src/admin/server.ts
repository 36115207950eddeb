import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { createSecureContext } from 'node:tls'
import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Operations } from './operations.ts'
import { answerRefusal, Refusal, refusalOf } from './refusal.ts'
import { findRoute } from './routes.ts'
import { readToken, tokenGuard } from './token.ts'

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
  places: Config['admin'],
  operations: Operations,
  bug: (error: unknown) => void,
): Promise<Admin> {
  // What cannot be used is found before anything listens.
  const remote = remoteServer(places, operations, bug)
  const local = server(operations, () => {}, bug)
  await removeDead(places.socket)
  await listening(local, { path: places.socket }, places.socket)
  const servers = [local]
  const close = async () => void (await Promise.all(servers.map(closed)))
  try {
    chmodSync(places.socket, 0o600)
    if (remote === undefined) return { urls: [], close }
    const { host, port } = remote.listen
    await listening(remote.server, remote.listen, `${host}:${port}`)
    servers.push(remote.server)
    return { urls: [urlOf(remote, places)], close }
  } catch (error) {
    await close()
    throw error
  }
}

type Remote = { server: Server; listen: { host: string; port: number } }

/** The server on TCP, not listening yet; undefined where there is to be none. */
function remoteServer(
  places: Config['admin'],
  operations: Operations,
  bug: (error: unknown) => void,
): Remote | undefined {
  const { listen, tokenFile } = places
  if (listen === undefined || tokenFile === undefined) return undefined
  const guard = tokenGuard(readToken(tokenFile))
  return { listen, server: server(operations, withoutBrowsers(guard), bug, tlsOf(places)) }
}

function urlOf({ server: listening, listen }: Remote, { tlsCert }: Config['admin']): string {
  const { port } = listening.address() as { port: number }
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host
  return `http${tlsCert === undefined ? '' : 's'}://${host}:${port}/`
}

function tlsOf({ tlsCert, tlsKey }: Config['admin']): { cert: Buffer; key: Buffer } | undefined {
  if (tlsCert === undefined || tlsKey === undefined) return undefined
  const pair = { cert: readPem(tlsCert, 'admin_tls_cert'), key: readPem(tlsKey, 'admin_tls_key') }
  try {
    createSecureContext(pair)
  } catch (cause) {
    const message = `${tlsCert} and ${tlsKey} are no certificate and its key: ${(cause as Error).message}`
    throw new MirrorError('E_CONFIG', `admin_tls_cert: ${message}`, { cause })
  }
  return pair
}

function readPem(file: string, key: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new MirrorError('E_CONFIG', `${key}: cannot read ${file}: ${(cause as Error).message}`, { cause })
  }
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
  const found = lstatSync(socket, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new MirrorError('E_LISTEN', `admin_socket: ${socket} is no socket; name another path`)
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
    // libuv says EACCES where a unix socket's folder is not there.
    const isLost = 'path' in at && !existsSync(dirname(at.path))
    const reason = isLost ? 'its folder does not exist' : (cause as Error).message
    throw new MirrorError('E_LISTEN', `Cannot listen on ${name} for the admin API: ${reason}`, { cause })
  }
}

/** Streams are cut: whoever reads them is told that the daemon has gone. */
async function closed(server: Server): Promise<void> {
  const gone = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await gone
}
