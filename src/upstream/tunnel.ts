import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { MirrorError } from '../errors.ts'
import type { Connect } from './connect.ts'
import { type ProxyHost, proxyHeaders, proxyName } from './proxies.ts'

/** Asks an HTTP proxy for a connection to a host (RFC 9110 section 9.3.6); the socket is the host's then. */
export async function tunnel(proxy: ProxyHost, host: string, socket: Socket, timeoutMs: number): Promise<Socket> {
  const { request } = await import('node:http')
  const headers = { host, ...proxyHeaders(proxy) }
  const asking = request({ method: 'CONNECT', path: host, headers, timeout: timeoutMs, createConnection: () => socket })
  return await new Promise((resolve, reject) => {
    asking.on('connect', (answer, _socket, early) => {
      const refusal = answer.statusCode === 200 ? undefined : refused(proxy, host, answer)
      if (refusal === undefined && early.length === 0) resolve(socket)
      else reject(refusal ?? new MirrorError('E_PROXY', `${proxyName(proxy)} sent more than its answer`))
    })
    asking.on('timeout', () => asking.destroy(new MirrorError('E_CONNECT', `${proxyName(proxy)} does not answer`)))
    asking.on('error', reject)
    asking.end()
  })
}

function refused(proxy: ProxyHost, host: string, { statusCode = 0 }: IncomingMessage): MirrorError {
  if (statusCode === 407) return authRefused(proxy)
  if (statusCode >= 500)
    return new MirrorError('E_CONNECT', `${proxyName(proxy)} cannot connect to ${host} (HTTP status ${statusCode})`)
  return new MirrorError('E_PROXY', `${proxyName(proxy)} refuses to connect to ${host} (HTTP status ${statusCode})`)
}

/** A proxy that does not know us. */
export function authRefused(proxy: ProxyHost): MirrorError {
  const what =
    proxy.login === undefined
      ? 'wants a name and password: write proxy_username'
      : 'does not take our name and password'
  return new MirrorError('E_PROXY', `${proxyName(proxy)} ${what}`)
}

/** Connects to a proxy first, and through it to the host; TLS is made with the host itself. */
export function through(
  proxy: ProxyHost,
  open: (host: string, port: number, socket: Socket) => Promise<Socket>,
  { toProxy, toHost }: { toProxy: Connect; toHost: Connect },
): Connect {
  const { protocol, hostname } = proxy.url
  const at = {
    hostname,
    host: hostname,
    protocol: protocol === 'https:' ? 'https:' : 'http:',
    port: String(proxy.port),
  }
  return async (options, callback) => {
    let socket: Socket | undefined
    try {
      socket = await connected(toProxy, at)
      await open(options.hostname, Number(options.port || (options.protocol === 'https:' ? 443 : 80)), socket)
    } catch (error) {
      socket?.destroy()
      return callback(ofProxy(proxy, error), null)
    }
    if (options.protocol === 'https:') toHost({ ...options, httpSocket: socket }, callback)
    else callback(null, socket)
  }
}

function connected(connect: Connect, at: Parameters<Connect>[0]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(at, (...[error, socket]) => {
      if (error === null) resolve(socket)
      else reject(error)
    })
  })
}

/** An error of the way to the proxy, which names it. */
function ofProxy(proxy: ProxyHost, cause: unknown): Error {
  if (cause instanceof MirrorError && cause.message.startsWith('the proxy ')) return cause
  if (cause instanceof MirrorError)
    return new MirrorError(cause.code, `${proxyName(proxy)}: ${cause.message}`, { cause })
  return new MirrorError('E_CONNECT', `${proxyName(proxy)}: ${(cause as Error).message}`, { cause })
}
