import { once } from 'node:events'
import type { Server } from 'node:http'
import { MirrorError } from '../errors.ts'

/** Where to listen; port 0 takes a free one. */
export interface Address {
  host: string
  port: number
}

/** An address, or a socket that listens already: systemd passes it as descriptor 3 (sd_listen_fds(3)). */
export type Listen = Address | { fd: number }

/** Starts listening; E_LISTEN in one line when the address or the socket cannot be had. */
export async function listen(server: Server, where: Listen): Promise<void> {
  try {
    server.listen('fd' in where ? { fd: where.fd } : where)
    await once(server, 'listening')
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const place = 'fd' in where ? `the socket passed as descriptor ${where.fd}` : authority(where.host, where.port)
    const reason = ('fd' in where ? undefined : reasons[code]) ?? message
    throw new MirrorError('E_LISTEN', `Cannot listen on ${place}: ${reason}`, { cause: error })
  }
}

/** Where it listens now: the URL of the root and the port, which is 0 for a unix socket. */
export function placeOf(server: Server, scheme: 'http' | 'https', where: Listen): { url: string; port: number } {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') return { url: `${scheme}://localhost/`, port: 0 }
  const host = 'host' in where ? where.host : bound.address
  return { url: `${scheme}://${authority(host, bound.port)}/`, port: bound.port }
}

function authority(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

const reasons: Record<string, string> = {
  EADDRINUSE: 'another program has this port; stop it or set another port in listen:',
  EACCES: 'this user may not use this port; set one from 1024 up in listen:, or grant CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine does not have this address; set one of its own in listen:, or 0.0.0.0 for all',
  ENOTFOUND: 'no such host name; set an address in listen:',
}
