import type { Report } from './report.ts'

/** What a probe is answered: an HTTP status and a text. */
export type Health = { status: 200 | 503; text: string }

/** /healthz: that this is answered says all. */
export function healthz(): Health {
  return { status: 200, text: 'ok\n' }
}

/** /readyz: whether there is something to read of every repository; failed or late ones are read all the same. */
export function readyz({ repos }: Report): Health {
  const lacking = repos.filter(({ generation }) => generation === undefined).map(({ repo }) => repo.id)
  if (lacking.length === 0) return { status: 200, text: 'ready\n' }
  return { status: 503, text: `not ready: nothing is published yet of ${lacking.join(', ')}\n` }
}
