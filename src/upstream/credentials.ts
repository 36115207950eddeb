import type { Access, SecretPlace } from '../config/repo.ts'
import { Secret } from '../config/secret.ts'
import { readSecret } from './secretFile.ts'
import type { Receiver, Request, Transport } from './transport.ts'

/** What requests below some URL carry: headers, and a query. */
type Carried = { origin: string; path: string; headers: Record<string, string>; token: string | undefined }

/** What of it every upstream of a repository gets that the operator wrote, and what those below one URL get besides. */
export type Credentials = { everywhere: Record<string, string>; below: Carried[] }

/** Reads what is to be sent. @throws E_CREDENTIALS where a file or a variable is not there */
export function readCredentials({ urls, login, bearer, headers }: Access): Credentials {
  const everywhere = {
    ...Object.fromEntries(headers.map(({ name, value }) => [name, value.reveal()])),
    ...(login && { authorization: basic(login.username, textOf('password_file', login.password)) }),
    ...(bearer && { authorization: `Bearer ${readSecret('bearer_token_file', bearer).reveal()}` }),
  }
  const below = urls.map(({ url, login, token }) => {
    const { origin, pathname: path } = new URL(url)
    const headers = login && { authorization: basic(login.username, login.password.reveal()) }
    return { origin, path, headers: { ...headers }, token: token?.reveal() }
  })
  return { everywhere, below }
}

/** A password from where it is; none is empty. `key` of the configuration, for messages. */
export function textOf(key: string, password: Secret | SecretPlace | undefined): string {
  if (password === undefined) return ''
  return (password instanceof Secret ? password : readSecret(key, password)).reveal()
}

/** RFC 7617, in UTF-8. */
export function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

/**
 * Sends credentials to the origins that the operator wrote, and to no other: not to a mirror that a list named, not to
 * where a redirect leads, not even when another host has sent us back.
 */
export function withCredentials(
  transport: Transport,
  { everywhere, below }: Credentials,
  own: ReadonlySet<string>,
): Transport {
  return (request, receiver) => {
    if (request.astray === true || !own.has(request.url.origin)) return transport(request, receiver)
    const at = below.find((one) => isBelow(request.url, one))
    const headers = { ...request.headers, ...everywhere, ...at?.headers }
    const explain = (status: number) => reasonFor(status, headers.authorization, at?.token, request.url)
    return transport(withToken({ ...request, headers }, at?.token), explained(receiver, explain))
  }
}

/** The receiver, which is told with a status what we know of its reason. */
export function explained(receiver: Receiver, explain: (status: number) => string | undefined): Receiver {
  return {
    head(head) {
      const reason = head.status < 400 ? undefined : explain(head.status)
      receiver.head(reason === undefined ? head : { ...head, reason })
    },
    data: (chunk) => receiver.data(chunk),
    held: (ms) => receiver.held?.(ms),
  }
}

function reasonFor(
  status: number,
  authorization: string | undefined,
  token: string | undefined,
  { protocol }: URL,
): string | undefined {
  if (status === 401 && authorization !== undefined)
    return `the upstream does not take our ${authorization.startsWith('Basic') ? 'name and password' : 'token'}`
  if ((status === 401 || status === 403) && token !== undefined)
    return "the upstream does not take the URL's token; it may have expired"
  if (status === 400 && protocol === 'https:')
    return 'bad request; so nginx answers where it wants a client certificate, or another one'
}

function isBelow({ origin, pathname }: URL, one: Carried): boolean {
  return origin === one.origin && pathname.startsWith(one.path)
}

/** The token is the whole query, as SUSE's own mirroring tool (RMT) sends it; a URL that has a query keeps it. */
function withToken(request: Request, token: string | undefined): Request {
  if (token === undefined || request.url.search !== '') return request
  const url = new URL(request.url)
  url.search = token
  return { ...request, url }
}
