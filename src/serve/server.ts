import { once } from 'node:events'
import type { Server } from 'node:http'
import { Server as SecureServer } from 'node:https'
import { MirrorError } from '../errors.ts'
import { type Access, guarded, type Rules, rulesOf } from './access.ts'
import { type AccessLog, accessLog } from './accessLog.ts'
import { type AccessEntry, answerWith } from './answer.ts'
import { Connections } from './connections.ts'
import { realRoot } from './file.ts'
import { findBelow } from './find.ts'
import { limitedServer } from './limitedServer.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { type Listen, listen, placeOf } from './listen.ts'
import type { Handler } from './message.ts'
import { paired } from './paired.ts'
import { refuseBadRequests } from './refuse.ts'
import { staticFiles } from './static.ts'
import { secureContext, type TlsFiles } from './tls.ts'

/** What to serve, where, to whom, within which limits, and until when. */
export interface ServeOptions extends Access {
  root: string
  listen: Listen
  limits?: Partial<Limits>
  /** HTTPS in place of HTTP. With `clientCa` only who shows a certificate of that authority is served. */
  tls?: TlsFiles | undefined
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

/** What can change while connections are open. */
export type Reloadable = Access & Pick<ServeOptions, 'tls'>

/** A server that accepts connections. */
export interface Serving {
  url: string
  port: number
  /** How many connections are open. */
  connections: () => number
  /** Reads certificates and passwords anew and takes who may read, for what comes next; E_CONFIG leaves all as it was. */
  reload: (changed?: Reloadable) => void
  /** Resolves when the last connection is gone after the signal. */
  closed: Promise<void>
}

/**
 * Serves the files below `root` over HTTP until the signal: then it accepts no more, lets running responses finish
 * within `drainMs` and cuts the rest. E_ROOT when there is no such folder, E_LISTEN when the address cannot be had,
 * E_CONFIG when a certificate, key or password file cannot be used.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { signal, tls, wrap = (files) => files } = options
  signal.throwIfAborted()
  const limits = { ...defaultLimits, ...options.limits }
  let rules = rulesOf(options, tls?.clientCa !== undefined)
  const server = limitedServer(limits, tls && secureContext(tls))
  const connections = new Connections(server, tls !== undefined, (address) => rules.proxies?.has(address) ?? false)
  const files = staticFiles(paired(findBelow(realRoot(options.root))), limits)
  const handler = guarded(wrap(files), () => rules)
  const log = accessLog(options.accessLog, options.warn)
  answerWith(server, connections, { handler, proxies: () => rules.proxies, onAnswer: telling(options, log) })
  refuseBadRequests(server, connections)
  await listen(server, options.listen)
  return {
    ...placeOf(server, tls === undefined ? 'http' : 'https', options.listen),
    connections: () => connections.open,
    reload: (changed = options) => {
      rules = renewed(server, options, changed)
    },
    closed: closed(server, connections, limits, signal).finally(() => log?.close()),
  }
}

function telling({ onAnswer, warn }: ServeOptions, log: AccessLog | undefined): (entry: AccessEntry) => void {
  return (entry) => {
    log?.add(entry)
    if (entry.error !== undefined) warn?.(`${entry.target}: ${(entry.error as Error).message}`)
    onAnswer?.(entry)
  }
}

function renewed(server: Server, { tls: begun }: ServeOptions, { tls, ...access }: Reloadable): Rules {
  const fixed = [
    ['tls_cert', begun?.cert, tls?.cert],
    ['tls_client_ca', begun?.clientCa, tls?.clientCa],
  ] as const
  for (const [key, before, now] of fixed) {
    if ((before === undefined) !== (now === undefined)) {
      throw new MirrorError('E_CONFIG', `${key}: it cannot come or go while connections are open; restart the server`)
    }
  }
  const rules = rulesOf(access, tls?.clientCa !== undefined)
  if (server instanceof SecureServer && tls !== undefined) server.setSecureContext(secureContext(tls))
  return rules
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
