import { MirrorError } from '../errors.ts'
import type { Transport } from './transport.ts'

/**
 * Cuts a transfer that moved fewer than `minrate` bytes a second for `timeoutMs` on end: dnf's `minrate` and
 * `timeout`. A body that drips one byte a second is as bad as one that stalls.
 */
export function withPace(
  transport: Transport,
  { minrate, timeoutMs }: { minrate: number; timeoutMs: number },
): Transport {
  return async (request, receiver) => {
    const cut = new AbortController()
    // Not AbortSignal.any: it costs more than the rest of a small file's request.
    const forward = () => cut.abort(request.signal.reason)
    request.signal.addEventListener('abort', forward, { once: true })
    let received = 0
    let heldUntil = 0
    const timer = setInterval(() => {
      const expected = Math.max(1, (minrate * timeoutMs) / 1000)
      // Where we kept it back ourselves it is not the upstream that is slow.
      const isHeld = heldUntil > performance.now() - timeoutMs
      if (received < expected && !isHeld) cut.abort(tooSlow(received, minrate, timeoutMs))
      received = 0
    }, timeoutMs)
    try {
      request.signal.throwIfAborted()
      await transport(
        { ...request, signal: cut.signal },
        {
          head: (head) => receiver.head(head),
          data(chunk) {
            received += chunk.length
            receiver.data(chunk)
          },
          held(ms) {
            heldUntil = performance.now() + ms
            receiver.held?.(ms)
          },
        },
      )
    } finally {
      clearInterval(timer)
      request.signal.removeEventListener('abort', forward)
    }
  }
}

function tooSlow(received: number, minrate: number, timeoutMs: number): MirrorError {
  const seconds = timeoutMs / 1000
  return new MirrorError(
    'E_SLOW',
    `only ${received} bytes in ${seconds} s, less than minrate=${minrate} bytes/s; cut off`,
  )
}
