import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccessEntry, answerWith } from './answer.ts'
import { Connections } from './connections.ts'
import { realRoot } from './file.ts'
import { findBelow } from './find.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type Address, listen } from './listen.ts'
import { refuseBadRequests } from './refuse.ts'
import { staticFiles } from './static.ts'

/** What to serve, where, within which limits, and until when. */
export interface ServeOptions {
  root: string
  listen: Address
  limits?: Partial<Limits>
  /** Called once for each answered request, after its last byte. */
  log?: (entry: AccessEntry) => void
  signal: AbortSignal
}

/** A server that accepts connections; `closed` resolves when the last of them is gone after the signal. */
export interface Serving {
  url: string
  port: number
  closed: Promise<void>
}

/**
 * Serves the files below `root` over HTTP until the signal: then it accepts no more, lets running responses finish
 * within `drainMs` and cuts the rest. E_ROOT when there is no such folder, E_LISTEN when the address cannot be had.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { signal, log } = options
  signal.throwIfAborted()
  const limits = { ...defaultLimits, ...options.limits }
  const handler = staticFiles(findBelow(realRoot(options.root)), limits)
  const server = limitedServer(limits)
  const connections = new Connections(server)
  answerWith(server, connections, handler, log)
  refuseBadRequests(server, connections)
  const url = await listen(server, options.listen)
  return { url, port: (server.address() as AddressInfo).port, closed: closed(server, connections, limits, signal) }
}

/** node's own defaults cut slow headers after 90 s, a client that never reads never, and count no connections. */
function limitedServer(limits: Limits): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.urlBytes + limits.headerBytes,
    noDelay: true,
  })
  server.timeout = limits.idleMs
  server.maxConnections = limits.maxConnections
  return server
}

async function closed(server: Server, connections: Connections, limits: Limits, signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
  const gone = once(server, 'close')
  server.close()
  const deadline = connections.drain(limits.drainMs)
  await gone
  clearTimeout(deadline)
  await connections.settled()
}
