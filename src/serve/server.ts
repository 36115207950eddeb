import { once } from 'node:events'
import type { Server } from 'node:http'
import { guarded, type Rules } from './access.ts'
import { accessLog } from './accessLog.ts'
import { Addresses } from './addresses.ts'
import { type AccessEntry, answerWith } from './answer.ts'
import { Connections } from './connections.ts'
import { Credentials } from './credentials.ts'
import { realRoot } from './file.ts'
import { findBelow } from './find.ts'
import { readUsers } from './htpasswd.ts'
import { limitedServer } from './limitedServer.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type Listen, listen, placeOf } from './listen.ts'
import type { Handler } from './message.ts'
import { paired } from './paired.ts'
import { refuseBadRequests } from './refuse.ts'
import { staticFiles } from './static.ts'
import { secureContext, type TlsFiles } from './tls.ts'

/** What to serve, where, to whom, within which limits, and until when. */
export interface ServeOptions {
  root: string
  listen: Listen
  limits?: Partial<Limits>
  /** HTTPS in place of HTTP. With `clientCa` only who shows a certificate of that authority is served. */
  tls?: TlsFiles | undefined
  /** Networks in CIDR notation that may read, by default all. */
  allow?: readonly string[] | undefined
  /** A password file of Apache's htpasswd; only its users may read. */
  htpasswd?: string | undefined
  /** Proxies in front of this server, in CIDR notation: their X-Forwarded-For is believed. */
  trustedProxies?: readonly string[] | undefined
  /** Answers some requests itself and hands on the rest. `/healthz` and `/readyz` reach it without credentials. */
  wrap?: (files: Handler) => Handler
  /** A file for lines in the combined format, or `stdout`. */
  accessLog?: string | undefined
  /** Told what fails on our side: a file that cannot be read, an access log that cannot be written. */
  warn?: (message: string) => void
  /** Called once for each answered request, after its last byte. */
  onAnswer?: (entry: AccessEntry) => void
  signal: AbortSignal
}

/** A server that accepts connections. */
export interface Serving {
  url: string
  port: number
  /** How many connections are open. */
  connections: () => number
  /** Reads certificates and passwords anew, for what comes next; E_CONFIG leaves all as it was. */
  reload: () => void
  /** Resolves when the last connection is gone after the signal. */
  closed: Promise<void>
}

/**
 * Serves the files below `root` over HTTP until the signal: then it accepts no more, lets running responses finish
 * within `drainMs` and cuts the rest. E_ROOT when there is no such folder, E_LISTEN when the address cannot be had,
 * E_CONFIG when a certificate, key or password file cannot be used.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { signal, onAnswer, warn, tls, trustedProxies, wrap = (files) => files } = options
  signal.throwIfAborted()
  const log = accessLog(options.accessLog, warn)
  const limits = { ...defaultLimits, ...options.limits }
  const files = staticFiles(paired(findBelow(realRoot(options.root))), limits)
  let rules = rulesOf(options)
  const server = limitedServer(limits, tls && secureContext(tls))
  const proxies = trustedProxies && new Addresses(trustedProxies)
  const connections = new Connections(server, tls !== undefined, (address) => proxies?.has(address) ?? false)
  const told = (entry: AccessEntry): void => {
    log?.add(entry)
    if (entry.error !== undefined) warn?.(`${entry.target}: ${(entry.error as Error).message}`)
    onAnswer?.(entry)
  }
  answerWith(server, connections, { handler: guarded(wrap(files), () => rules), proxies, onAnswer: told })
  refuseBadRequests(server, connections)
  await listen(server, options.listen)
  return {
    ...placeOf(server, tls === undefined ? 'http' : 'https', options.listen),
    connections: () => connections.open,
    reload: () => {
      const fresh = rulesOf(options)
      if (tls !== undefined && 'setSecureContext' in server) server.setSecureContext(secureContext(tls))
      rules = fresh
    },
    closed: closed(server, connections, limits, signal).finally(() => log?.close()),
  }
}

function rulesOf({ allow, htpasswd, tls }: Pick<ServeOptions, 'allow' | 'htpasswd' | 'tls'>): Rules {
  return {
    allow: allow && new Addresses(allow),
    credentials: htpasswd === undefined ? undefined : new Credentials(readUsers(htpasswd)),
    certificate: tls?.clientCa !== undefined,
  }
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
