import type { HttpRequest } from '../serve/message.ts'

/** Root's URL as the client sees it; its own word for the host is only shown to itself. */
export function baseOf({ headers, client }: HttpRequest, scheme: 'http' | 'https'): string {
  const forwarded = client.isProxy ? headers['x-forwarded-proto'] : undefined
  const host = /^[\w.:[\]-]{1,255}$/.exec(headers.host ?? '')?.[0] ?? 'localhost'
  return `${forwarded === 'https' ? forwarded : scheme}://${host}/`
}
