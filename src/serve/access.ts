import { Addresses } from './addresses.ts'
import { Credentials } from './credentials.ts'
import { readUsers } from './htpasswd.ts'
import { type Handler, type HttpRequest, type HttpResponse, statusResponse } from './message.ts'

/** Who may read, as a configuration says it. */
export interface Access {
  /** Networks in CIDR notation that may read, by default all. */
  allow?: readonly string[] | undefined
  /** A password file of Apache's htpasswd; only its users may read. */
  htpasswd?: string | undefined
  /** Proxies in front of this server, in CIDR notation: their X-Forwarded-For is believed. */
  trustedProxies?: readonly string[] | undefined
}

/** Who may read, ready to be asked; a client must pass every rule that is there. */
export interface Rules {
  allow: Addresses | undefined
  credentials: Credentials | undefined
  /** Whether a certificate of the configured authority must be shown. */
  certificate: boolean
  proxies: Addresses | undefined
}

/** Reads the password file; E_CONFIG when it cannot be used. */
export function rulesOf({ allow, htpasswd, trustedProxies }: Access, certificate: boolean): Rules {
  return {
    allow: allow && new Addresses(allow),
    credentials: htpasswd === undefined ? undefined : new Credentials(readUsers(htpasswd)),
    certificate,
    proxies: trustedProxies && new Addresses(trustedProxies),
  }
}

/** Asked by monitors and orchestrators, which have no credentials: they answer everybody, and with a word. */
const unguarded = new Set(['/healthz', '/readyz'])

/** Hands on only what the rules allow; they are asked anew for each request, as a reload may change them. */
export function guarded(handler: Handler, rules: () => Rules): Handler {
  return (request) => (unguarded.has(request.target) ? undefined : refusal(request, rules())) ?? handler(request)
}

function refusal(request: HttpRequest, { allow, credentials, certificate }: Rules): HttpResponse | undefined {
  if (allow?.has(request.address) === false) return statusResponse(403)
  if (certificate && !request.client.certified) {
    return statusResponse(403, {}, 'A client certificate that this server trusts is required.')
  }
  const verdict = credentials?.judge(request.headers.authorization, request.address) ?? 'right'
  if (verdict === 'many') return statusResponse(429, { 'retry-after': '60' })
  return verdict === 'right' ? undefined : statusResponse(401, { 'www-authenticate': challenge })
}

const challenge = 'Basic realm="mirror", charset="UTF-8"'
