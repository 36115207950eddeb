import { MirrorError } from '../errors.ts'
import { header, type ResponseHead, shown, type Transport } from './transport.ts'

const maxRedirects = 5

/**
 * Follows redirects, at most five. Never from https to http, never to another scheme than http and https, never to a
 * Location with control characters, and never with the credentials of the first host, whoever sends us back to it.
 */
export function withRedirects(transport: Transport): Transport {
  return async (request, receiver) => {
    const chain = [request.url]
    let { headers, astray } = request
    for (;;) {
      const url = chain.at(-1) as URL
      let location: string | undefined
      await transport(
        { ...request, url, ...(headers && { headers }), ...(astray && { astray }) },
        {
          head(head) {
            if (isRedirect(head)) location = header(head, 'location') ?? ''
            else receiver.head(head)
          },
          data(chunk) {
            if (location === undefined) receiver.data(chunk)
          },
          held: (ms) => receiver.held?.(ms),
        },
      )
      if (location === undefined) return
      const next = target(location, chain)
      if (next.origin !== url.origin) {
        headers = withoutCredentials(headers)
        astray = true
      }
      chain.push(next)
    }
  }
}

function isRedirect({ status }: ResponseHead): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

function target(location: string, chain: URL[]): URL {
  const from = chain.at(-1) as URL
  if (location === '') throw new MirrorError('E_REDIRECT', `a redirect from ${shown(from)} without a Location`)
  if (/[\u0000-\u0020\u007f]/.test(location))
    throw new MirrorError('E_REDIRECT', `a redirect from ${shown(from)} to a Location with control characters`)
  if (!URL.canParse(location, from))
    throw new MirrorError(
      'E_REDIRECT',
      `a redirect from ${shown(from)} to ${JSON.stringify(location.replace(/\?.*$/, '').slice(0, 200))}, which is no URL`,
    )
  const next = new URL(location, from)
  const allowed = next.protocol === 'https:' || (next.protocol === 'http:' && from.protocol === 'http:')
  if (!allowed)
    throw new MirrorError('E_REDIRECT_SCHEME', `a redirect from ${shown(from)} to ${next.protocol} is not followed`)
  if (chain.length > maxRedirects) {
    const hops = chain.map(shown).join(' -> ')
    throw new MirrorError('E_REDIRECT', `more than ${maxRedirects} redirects: ${hops}`)
  }
  return next
}

function withoutCredentials(headers: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const { authorization: _, cookie: __, ...rest } = headers ?? {}
  return rest
}
