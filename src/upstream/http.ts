import type { Dispatcher } from 'undici'
import { MirrorError } from '../errors.ts'
import type { Addresses } from './addresses.ts'
import { asNetworkError } from './networkErrors.ts'
import type { ProxyFor, ProxyHost } from './proxies.ts'
import type { Rate } from './rate.ts'
import { routes } from './routes.ts'
import type { Tls } from './tlsFiles.ts'
import type { Receiver, ResponseHead, Transport } from './transport.ts'
import { authRefused } from './tunnel.ts'

export type HttpOptions = {
  /** Connections to one origin at most. */
  connections: number
  /** How long a connection may take to open and a silence may last, in milliseconds. */
  timeoutMs: number
  userAgent: string
  /** By default the system's authorities are trusted, and nobody is told who we are. */
  tls?: Tls
  /** The only version of IP that is used. */
  family?: 4 | 6 | undefined
  addresses: Addresses
  /** By default none. */
  proxyFor?: ProxyFor
  rate?: Rate
  /** Told when the certificate of a host expires, in milliseconds since 1970. */
  secured?: (host: string, validTo: number) => void
}

/**
 * Fetches over http and https. `dispatch` instead of `request`: no stream object for each of ten thousands of small
 * files (half the time, measured). Content-Encoding is asked not to be used and refused when it is, so that what we
 * hash is what was sent. One request at a time on a connection; never HTTP/2, which some mirrors get wrong.
 */
export function httpTransport(options: HttpOptions): Transport & { close(): Promise<void> } {
  const { userAgent, tls = open, family, proxyFor = () => undefined, rate } = options
  const ways = routes({ ...options, tls, family, proxyFor })
  const transport: Transport = ({ url, headers, signal, astray }, receiver) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const { agent, origin, path, headers: own, proxy } = ways.to(url, astray === true)
      const sent = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers, ...own }
      const exchange = new Exchange({ url, receiver, signal, proxy, rate }, resolve, reject)
      agent.dispatch({ origin, path, method: 'GET', headers: sent }, exchange)
    })
  return Object.assign(transport, { close: () => ways.close() })
}

const open: Tls = { trust: { rejectUnauthorized: true, ca: undefined }, client: undefined }

/** A request under way. */
type Asked = { url: URL; receiver: Receiver; signal: AbortSignal; proxy: ProxyHost | undefined; rate: Rate | undefined }

/** One request's way through undici: hands on what comes, and turns whatever goes wrong into one of our errors. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #asked: Asked
  readonly #resolve: () => void
  readonly #reject: (reason: unknown) => void
  #abort: (() => void) | undefined
  #holding: NodeJS.Timeout | undefined

  constructor(asked: Asked, resolve: () => void, reject: (reason: unknown) => void) {
    this.#asked = asked
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#abort !== undefined) this.#asked.signal.removeEventListener('abort', this.#abort)
    this.#abort = () => controller.abort(this.#asked.signal.reason)
    if (this.#asked.signal.aborted) this.#abort()
    else this.#asked.signal.addEventListener('abort', this.#abort, { once: true })
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 103 and its like announce an answer that is still to come.
    if (status < 200) return
    const { proxy } = this.#asked
    this.#guarded(controller, () => {
      if (status === 407 && proxy !== undefined) throw authRefused(proxy)
      const head: ResponseHead = { status, headers: joined(headers), url: this.#asked.url }
      const encoding = head.headers['content-encoding']
      if (status < 300 && encoding !== undefined && encoding.toLowerCase() !== 'identity')
        throw new MirrorError('E_ENCODING', `sent with Content-Encoding: ${encoding}, which was not asked for`)
      this.#asked.receiver.head(head)
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#guarded(controller, () => this.#asked.receiver.data(chunk))
    const wait = this.#asked.rate?.take(chunk.length) ?? 0
    // Shorter waits cost more than they save, and what is not waited for now is with the next chunk.
    if (wait > 5) this.#hold(controller, wait)
  }

  onResponseEnd(): void {
    this.#settle(this.#resolve)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(() => this.#reject(this.#asked.signal.aborted ? this.#asked.signal.reason : asNetworkError(error)))
  }

  #hold(controller: Dispatcher.DispatchController, ms: number): void {
    controller.pause()
    this.#asked.receiver.held?.(ms)
    this.#holding = setTimeout(() => controller.resume(), ms)
  }

  #guarded(controller: Dispatcher.DispatchController, step: () => void): void {
    try {
      step()
    } catch (error) {
      controller.abort(error as Error)
    }
  }

  #settle(finish: () => void): void {
    clearTimeout(this.#holding)
    if (this.#abort !== undefined) this.#asked.signal.removeEventListener('abort', this.#abort)
    finish()
  }
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  )
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}
