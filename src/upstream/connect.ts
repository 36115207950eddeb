import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { TLSSocket } from 'node:tls'
import { buildConnector } from 'undici'
import type { Addresses } from './addresses.ts'
import { asConnectError } from './networkErrors.ts'
import type { Tls } from './tlsFiles.ts'

/** How undici comes by a connection: a socket, after the TLS handshake where there is to be one. */
export type Connect = buildConnector.connector

export type Connecting = {
  /** How long a connection may take to open, handshake included, in milliseconds. */
  timeoutMs: number
  tls: Tls['trust'] & Partial<NonNullable<Tls['client']>>
  /** The only version of IP that is used. */
  family: 4 | 6 | undefined
  addresses: Addresses
  /** Told when the certificate of a host expires, in milliseconds since 1970. */
  secured?: ((host: string, validTo: number) => void) | undefined
}

/** Connects to hosts directly, and only where `addresses` allows it. Its errors are ours. */
export function directly({ timeoutMs, tls, family, addresses, secured }: Connecting): Connect {
  const connector = buildConnector({
    timeout: timeoutMs,
    allowH2: false,
    ...tls,
    ...(family && { family }),
    lookup: lookupWithin(addresses),
  })
  return (options, callback) => {
    try {
      addresses.checkLiteral(options.hostname)
    } catch (error) {
      return callback(error as Error, null)
    }
    connector(
      options,
      told(options.protocol === 'https:', (...[error, socket]) => {
        if (error !== null) return callback(error, null)
        if (secured !== undefined && socket instanceof TLSSocket)
          secured(options.hostname, Date.parse(socket.getPeerCertificate().valid_to))
        callback(null, socket)
      }),
    )
  }
}

/** The callback, with errors as ours. */
export function told(isTls: boolean, callback: buildConnector.Callback): buildConnector.Callback {
  return (...[error, socket]: Parameters<buildConnector.Callback>) => {
    if (error === null) callback(null, socket)
    else callback(asConnectError(error, isTls), null)
  }
}

/** The lookup of a socket, which is never given an address that must not be connected to. */
export function lookupWithin(addresses: Addresses): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      try {
        const permitted = addresses.permitted(host, found)
        if (options.all === true) return callback(null, permitted)
        callback(null, permitted[0]?.address ?? '', permitted[0]?.family)
      } catch (refusal) {
        callback(refusal as Error, [])
      }
    })
  }
}
