import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https'
import type { SecureContextOptions } from 'node:tls'
import type { Limits } from './limits.ts'

/**
 * A server of HTTP, or with a secure context of HTTPS, that keeps the limits: node's own defaults cut slow headers
 * after 90 s, a handshake after 120 s, a client that never reads never, and count no connections.
 */
export function limitedServer(limits: Limits, secure: SecureContextOptions | undefined): Server | SecureServer {
  const options = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.urlBytes + limits.headerBytes,
    noDelay: true,
  }
  const server =
    secure === undefined ? createServer(options) : createSecureServer({ ...options, ...asking(secure, limits) })
  server.timeout = limits.idleMs
  server.maxConnections = limits.maxConnections
  return server
}

/** Who shows no certificate is told so by a response, not by a broken handshake, and may ask for /healthz. */
function asking(secure: SecureContextOptions, { headersTimeoutMs }: Limits) {
  return {
    ...secure,
    handshakeTimeout: headersTimeoutMs,
    requestCert: secure.ca !== undefined,
    rejectUnauthorized: false,
  }
}
