import { setTimeout as sleep } from 'node:timers/promises'
import { maxRetryAfterMs, parseRetryAfter } from './retry.ts'
import { header, type Transport } from './transport.ts'

/** Statuses by which a host says that it is asked too much. */
const busy = new Set([429, 503])

/**
 * Where a host answers one transfer that it is to come back later, no other one asks it before. Each waits a little longer
 * by chance, so that they do not all come back in the same instant.
 */
export function withRestraint(transport: Transport): Transport {
  const until = new Map<string, number>()

  return async (request, receiver) => {
    const { host } = request.url
    const wait = (until.get(host) ?? 0) - performance.now()
    if (wait > 0)
      await sleep(wait * (1 + Math.random() / 10), undefined, { signal: request.signal }).catch(() =>
        request.signal.throwIfAborted(),
      )
    await transport(request, {
      head(head) {
        const asked = busy.has(head.status) ? parseRetryAfter(header(head, 'retry-after')) : undefined
        if (asked !== undefined) until.set(host, performance.now() + Math.min(asked, maxRetryAfterMs))
        receiver.head(head)
      },
      data: (chunk) => receiver.data(chunk),
      held: (ms) => receiver.held?.(ms),
    })
  }
}
