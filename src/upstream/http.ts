import { Agent, type Dispatcher } from 'undici'
import { MirrorError } from '../errors.ts'
import type { Addresses } from './addresses.ts'
import { directly } from './connect.ts'
import { asNetworkError } from './networkErrors.ts'
import type { Tls } from './tlsFiles.ts'
import type { Receiver, ResponseHead, Transport } from './transport.ts'

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
}

/**
 * Fetches over http and https. `dispatch` instead of `request`: no stream object for each of ten thousands of small
 * files (half the time, measured). Content-Encoding is asked not to be used and refused when it is, so that what we
 * hash is what was sent. One request at a time on a connection; never HTTP/2, which some mirrors get wrong.
 */
export function httpTransport(options: HttpOptions): Transport & { close(): Promise<void> } {
  const { userAgent, tls } = options
  const agent = agentFor(options, tls?.client)
  // A host that a redirect led to is not even shown our certificate: connections of its own, without one.
  const strangers = tls?.client === undefined ? agent : agentFor(options, undefined)
  const transport: Transport = ({ url, headers, signal, astray }, receiver) => {
    const sent = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers }
    const asked = { origin: url.origin, path: url.pathname + url.search, method: 'GET', headers: sent } as const
    const to = astray === true ? strangers : agent
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      to.dispatch(asked, new Exchange(url, receiver, signal, resolve, reject))
    })
  }
  const close = async () => {
    await Promise.all([agent.destroy(), strangers.destroy()])
  }
  return Object.assign(transport, { close })
}

function agentFor({ connections, timeoutMs, tls, family, addresses }: HttpOptions, client: Tls['client']): Agent {
  const trust = tls?.trust ?? { rejectUnauthorized: true, ca: undefined }
  return new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: directly({ timeoutMs, tls: { ...trust, ...client }, family, addresses }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
}

/** One request's way through undici: hands on what comes, and turns whatever goes wrong into one of our errors. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #url: URL
  readonly #receiver: Receiver
  readonly #signal: AbortSignal
  readonly #resolve: () => void
  readonly #reject: (reason: unknown) => void
  #abort: (() => void) | undefined

  constructor(
    url: URL,
    receiver: Receiver,
    signal: AbortSignal,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    this.#url = url
    this.#receiver = receiver
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#abort !== undefined) this.#signal.removeEventListener('abort', this.#abort)
    this.#abort = () => controller.abort(this.#signal.reason)
    if (this.#signal.aborted) this.#abort()
    else this.#signal.addEventListener('abort', this.#abort, { once: true })
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 103 and its like announce an answer that is still to come.
    if (status < 200) return
    this.#guarded(controller, () => {
      const head: ResponseHead = { status, headers: joined(headers), url: this.#url }
      const encoding = head.headers['content-encoding']
      if (status < 300 && encoding !== undefined && encoding.toLowerCase() !== 'identity')
        throw new MirrorError('E_ENCODING', `sent with Content-Encoding: ${encoding}, which was not asked for`)
      this.#receiver.head(head)
    })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#guarded(controller, () => this.#receiver.data(chunk))
  }

  onResponseEnd(): void {
    this.#settle(this.#resolve)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#settle(() => this.#reject(this.#signal.aborted ? this.#signal.reason : asNetworkError(error)))
  }

  #guarded(controller: Dispatcher.DispatchController, step: () => void): void {
    try {
      step()
    } catch (error) {
      controller.abort(error as Error)
    }
  }

  #settle(finish: () => void): void {
    if (this.#abort !== undefined) this.#signal.removeEventListener('abort', this.#abort)
    finish()
  }
}

function joined(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).filter(
    (entry): entry is [string, string | string[]] => entry[1] !== undefined,
  )
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]))
}
