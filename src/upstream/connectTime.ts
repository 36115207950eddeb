import { connect } from 'node:net'
import { type Connecting, lookupWithin } from './connect.ts'
import type { ProxyFor } from './proxies.ts'

/** How long a connection to an origin takes to open, in milliseconds; infinite where there is none in time. */
export type ConnectTime = (origin: URL, signal: AbortSignal) => Promise<number>

type Measuring = Pick<Connecting, 'family' | 'addresses'> & { proxyFor?: ProxyFor }

/** Whoever takes longer is none of the fastest, in milliseconds: librepo's limit. */
const mostMs = 2000

/**
 * Measures connections as librepo does: without the lookup of the name and without TLS, each closed as soon as it is open.
 * They go only where others may, too; how near a proxy is says nothing of what is behind it.
 */
export function connectTimes({ family, addresses, proxyFor }: Measuring): ConnectTime {
  return (origin, signal) =>
    new Promise((resolve) => {
      if (proxyFor?.(origin) !== undefined) return resolve(Number.POSITIVE_INFINITY)
      const { protocol, hostname, port } = origin
      const host = hostname.replace(/^\[(.*)\]$/, '$1')
      try {
        addresses.checkLiteral(hostname)
      } catch {
        return resolve(Number.POSITIVE_INFINITY)
      }
      const ends = AbortSignal.any([signal, AbortSignal.timeout(mostMs)])
      const socket = connect({
        host,
        port: Number(port) || (protocol === 'https:' ? 443 : 80),
        lookup: lookupWithin(addresses),
        ...(family && { family }),
      })
      let began = performance.now()
      const end = (ms: number) => {
        ends.removeEventListener('abort', none)
        socket.destroy()
        resolve(ms)
      }
      const none = () => end(Number.POSITIVE_INFINITY)
      ends.addEventListener('abort', none, { once: true })
      socket.once('lookup', () => {
        began = performance.now()
      })
      socket.once('connect', () => end(performance.now() - began))
      socket.once('error', none)
    })
}
