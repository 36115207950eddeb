import { errors } from 'undici'
import { type Code, isSystemError, MirrorError } from '../errors.ts'
import { tlsError } from './tlsErrors.ts'

type Coded = Error & { code?: string }

/** An error of a transfer, by the codes that Node and undici give, never by their texts; a bug stays what it is. */
export function asNetworkError(error: Coded): unknown {
  if (error instanceof MirrorError) return error
  const known = codes[error.code ?? '']
  if (known !== undefined) return new MirrorError(...known, { cause: error })
  const tls = tlsError(error)
  if (tls !== undefined) return tls
  if (error instanceof errors.HTTPParserError)
    return new MirrorError('E_HTTP', `not HTTP: ${error.message}`, { cause: error })
  const isOfTheWay = isSystemError(error) || error.code?.startsWith('UND_ERR')
  return isOfTheWay ? new MirrorError('E_CONNECT', error.message, { cause: error }) : error
}

/** An error from before there was a connection: nothing that was sent was cut. */
export function asConnectError(error: Coded, isTls: boolean): Error {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    const when = isTls ? 'cut in the TLS handshake' : 'reset as it was opened'
    return new MirrorError('E_CONNECT', `connection ${when}`, { cause: error })
  }
  return asNetworkError(error) as Error
}

const codes: Record<string, [Code, string]> = {
  ECONNREFUSED: ['E_CONNECT', 'connection refused'],
  ECONNRESET: ['E_TRUNCATED', 'connection reset by the upstream'],
  EPIPE: ['E_TRUNCATED', 'connection reset by the upstream'],
  ENOTFOUND: ['E_CONNECT', 'the host name is unknown'],
  EAI_AGAIN: ['E_CONNECT', 'the host name cannot be looked up now'],
  EHOSTUNREACH: ['E_CONNECT', 'no route to the host'],
  ENETUNREACH: ['E_CONNECT', 'no route to the network'],
  ETIMEDOUT: ['E_CONNECT', 'the host does not answer'],
  UND_ERR_CONNECT_TIMEOUT: ['E_CONNECT', 'the host does not answer'],
  UND_ERR_HEADERS_TIMEOUT: ['E_SLOW', 'no answer to the request'],
  UND_ERR_BODY_TIMEOUT: ['E_SLOW', 'the transfer stalled'],
  UND_ERR_SOCKET: ['E_TRUNCATED', 'connection closed by the upstream'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['E_TRUNCATED', 'the body is not of the announced length'],
  // undici asserts that a status has three digits and no leading zero.
  ERR_ASSERTION: ['E_HTTP', 'not HTTP: an impossible status'],
  UND_ERR_HEADERS_OVERFLOW: ['E_LIMIT', 'the answer has more than 16 KiB of headers'],
}
