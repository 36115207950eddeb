import { Agent, type Dispatcher, errors } from 'undici'
import { isSystemError, MirrorError } from '../errors.ts'
import type { Receiver, ResponseHead, Transport } from './transport.ts'

export type HttpOptions = {
  /** Connections to one origin at most. */
  connections: number
  /** How long a connection may take to open and a silence may last, in milliseconds. */
  timeoutMs: number
  userAgent: string
}

/**
 * Fetches over http and https. `dispatch` instead of `request`: no stream object for each of ten thousands of small
 * files (half the time, measured). Content-Encoding is asked not to be used and refused when it is, so that what we
 * hash is what was sent. One request at a time on a connection; never HTTP/2, which some mirrors get wrong.
 */
export function httpTransport({
  connections,
  timeoutMs,
  userAgent,
}: HttpOptions): Transport & { close(): Promise<void> } {
  const agent = new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const transport: Transport = ({ url, headers, signal }, receiver) => {
    const sent = { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers }
    const options = { origin: url.origin, path: url.pathname + url.search, method: 'GET', headers: sent } as const
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      agent.dispatch(options, new Exchange(url, receiver, signal, resolve, reject))
    })
  }
  return Object.assign(transport, { close: () => agent.destroy() })
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
        throw new MirrorError('E_HTTP', `sent with Content-Encoding: ${encoding}, which was not asked for`)
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

/** Errors by the codes that Node and undici give them, never by their texts. */
function asNetworkError(error: Error & { code?: string }): unknown {
  if (error instanceof MirrorError) return error
  const code = error.code ?? ''
  const known = networkCodes[code]
  if (known !== undefined) return new MirrorError(known[0], known[1], { cause: error })
  if (code.startsWith('CERT_') || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || tlsCodes.has(code))
    return new MirrorError('E_TLS', `TLS refused: ${error.message}`, { cause: error })
  if (error instanceof errors.HTTPParserError)
    return new MirrorError('E_HTTP', `not HTTP: ${error.message}`, { cause: error })
  if (isSystemError(error)) return new MirrorError('E_CONNECT', error.message, { cause: error })
  return code.startsWith('UND_ERR') ? new MirrorError('E_CONNECT', error.message, { cause: error }) : error
}

const networkCodes: Record<string, ['E_CONNECT' | 'E_SLOW' | 'E_TRUNCATED' | 'E_LIMIT' | 'E_HTTP', string]> = {
  ECONNREFUSED: ['E_CONNECT', 'connection refused'],
  ECONNRESET: ['E_TRUNCATED', 'connection reset by the upstream'],
  EPIPE: ['E_TRUNCATED', 'connection reset by the upstream'],
  ENOTFOUND: ['E_CONNECT', 'the host name is unknown'],
  EAI_AGAIN: ['E_CONNECT', 'the host name cannot be looked up now'],
  EHOSTUNREACH: ['E_CONNECT', 'no route to the host'],
  ENETUNREACH: ['E_CONNECT', 'no route to the network'],
  ETIMEDOUT: ['E_CONNECT', 'the host does not answer'],
  UND_ERR_CONNECT_TIMEOUT: ['E_CONNECT', 'the host does not answer'],
  UND_ERR_HEADERS_TIMEOUT: ['E_SLOW', 'no answer to the request'],
  UND_ERR_BODY_TIMEOUT: ['E_SLOW', 'the transfer stalled'],
  UND_ERR_SOCKET: ['E_TRUNCATED', 'connection closed by the upstream'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['E_TRUNCATED', 'the body is not of the announced length'],
  // undici asserts that a status has three digits and no leading zero.
  ERR_ASSERTION: ['E_HTTP', 'not HTTP: an impossible status'],
  UND_ERR_HEADERS_OVERFLOW: ['E_LIMIT', 'the answer has more than 16 KiB of headers'],
}

const tlsCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'EPROTO',
])
