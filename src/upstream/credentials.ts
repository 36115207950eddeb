import type { Access, SecretPlace } from '../config/repo.ts'
import { Secret } from '../config/secret.ts'
import { MirrorError } from '../errors.ts'
import { type Identity, whyRefused } from './identity.ts'
import { readSecret } from './secretFile.ts'
import type { Receiver, Request, Transport } from './transport.ts'

/** What requests below some URL carry: headers, and a query. */
type Carried = { origin: string; path: string; headers: Record<string, string>; token: string | undefined }

/** What of it every upstream of a repository gets that the operator wrote, and what those below one URL get besides. */
export type Credentials = {
  everywhere: Record<string, string>
  below: Carried[]
  /** The client's certificate, to explain with what it was that we were not let in. */
  identity?: Identity | undefined
}

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
 * where a redirect leads, not even when another host has sent us back. Neither is our certificate.
 */
export function withCredentials(
  transport: Transport,
  { everywhere, below, identity }: Credentials,
  own: ReadonlySet<string>,
): Transport {
  return (request, receiver) => {
    if (request.astray === true || !own.has(request.url.origin))
      return transport({ ...request, astray: true }, receiver)
    const at = below.find((one) => isBelow(request.url, one))
    const headers = { ...request.headers, ...everywhere, ...at?.headers }
    const sent = { authorization: headers.authorization, token: at?.token, identity }
    const explain = (status: number) => reasonFor(status, sent, request.url)
    const sending = transport(withToken({ ...request, headers }, at?.token), explained(receiver, explain))
    return identity === undefined ? sending : withIdentity(sending, identity, request.url)
  }
}

/** A handshake that the other side ended over our certificate, with what is wrong with it. */
async function withIdentity(sending: Promise<void>, identity: Identity, { pathname }: URL): Promise<void> {
  try {
    await sending
  } catch (error) {
    if (error instanceof MirrorError && error.code === 'E_TLS' && error.message.includes('client certificate'))
      throw new MirrorError('E_TLS', `${error.message}: ${whyRefused(identity, pathname)}`, { cause: error })
    throw error
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

type Sent = { authorization: string | undefined; token: string | undefined; identity: Identity | undefined }

function reasonFor(
  status: number,
  { authorization, token, identity }: Sent,
  { protocol, pathname }: URL,
): string | undefined {
  if (status === 401 && authorization !== undefined)
    return `the upstream does not take our ${authorization.startsWith('Basic') ? 'name and password' : 'token'}`
  if ((status === 401 || status === 403) && token !== undefined)
    return "the upstream does not take the URL's token; it may have expired"
  if ([400, 401, 403].includes(status) && identity !== undefined && protocol === 'https:')
    return whyRefused(identity, pathname)
  if (status === 400 && protocol === 'https:')
    return 'bad request; so nginx answers where it wants a client certificate: write sslclientcert'
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
