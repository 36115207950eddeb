import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MirrorError } from '../errors.ts'

/** Where to listen; port 0 takes a free one. */
export interface Address {
  host: string
  port: number
}

/** Starts listening and returns the URL of the root; E_LISTEN in one line when the address cannot be had. */
export async function listen(server: Server, { host, port }: Address): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    const reason = reasons[code] ?? message
    throw new MirrorError('E_LISTEN', `Cannot listen on ${authority(host, port)}: ${reason}`, { cause: error })
  }
  return `http://${authority(host, (server.address() as AddressInfo).port)}/`
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
