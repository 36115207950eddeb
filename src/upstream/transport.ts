import { MirrorError } from '../errors.ts'

/**
 * One request for a file. The URL is absolute; headers are lower case. `astray`: it goes to an origin that is not the
 * operator's own, or that a redirect has led it to, which is not told who we are.
 */
export type Request = {
  url: URL
  headers?: Readonly<Record<string, string>>
  signal: AbortSignal
  astray?: true
}

/** What stands before the body. Header names are lower case; a header that came twice is joined by a comma. */
export type ResponseHead = {
  status: number
  headers: Readonly<Record<string, string>>
  url: URL
  /** What we know of the reason for the status, for messages. */
  reason?: string
}

/** Takes an answer as it comes in. Whatever it throws ends the transfer and becomes the transport's error. */
export type Receiver = {
  head(head: ResponseHead): void
  data(chunk: Buffer): void
  /** Told where a limit of ours keeps the next chunk back for so many milliseconds. */
  held?(ms: number): void
}

/**
 * Fetches one file and feeds it to the receiver; resolves behind the last byte. Every rule of fetching (redirects,
 * pace, retries) is a wrapper of this one type.
 * @throws MirrorError with a code of the network kind
 */
export type Transport = (request: Request, receiver: Receiver) => Promise<void>

/** A header's value, or undefined. */
export function header(head: ResponseHead, name: string): string | undefined {
  return head.headers[name]
}

/** The answer's status as an error: what a person reads when a file is not there. */
export function statusError(head: ResponseHead): MirrorError {
  const hint = head.reason ?? hints[head.status]
  return new MirrorError('E_HTTP', `HTTP status ${head.status}${hint === undefined ? '' : ` (${hint})`}`)
}

const hints: Record<number, string> = {
  401: 'the upstream wants credentials',
  403: 'forbidden',
  404: 'not found',
  410: 'gone',
  429: 'too many requests',
  500: 'error of the upstream',
  502: 'error of a proxy before the upstream',
  503: 'the upstream is unavailable',
  504: 'a proxy waited for the upstream in vain',
}

/** The URL without user, password and query: what may stand in a message. */
export function shown(url: URL): string {
  const clean = new URL(url)
  clean.username = ''
  clean.password = ''
  clean.search = ''
  return clean.href
}
