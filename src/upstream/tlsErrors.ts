import { MirrorError } from '../errors.ts'

/** What a refused certificate comes to and what can be done, by the codes of OpenSSL's verification and of Node.js. */
const verification: Record<string, string> = {
  CERT_HAS_EXPIRED: 'certificate has expired; only the upstream can renew it',
  CERT_NOT_YET_VALID: "certificate is not yet valid; is this host's clock right?",
  CERT_REVOKED: 'certificate was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self-signed certificate, for which nobody vouches; name it in sslcacert if you know it',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not trusted here; name its certificate in sslcacert',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is unknown here; name its certificate in sslcacert',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is unknown here; name its certificate in sslcacert',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its authority is unknown here, or the upstream does not send the certificates between; name them in sslcacert',
  CERT_SIGNATURE_FAILURE: "the certificate's signature is wrong",
  INVALID_PURPOSE: 'the certificate is not for a server',
  CA_MD_TOO_WEAK: 'the certificate is signed with a digest that is too weak',
  EE_KEY_TOO_SMALL: "the certificate's key is too small",
}

/** Alerts by which the other side ends a handshake (RFC 8446 section 6), as far as they are about us. */
const alerts: Record<string, string> = {
  CERTIFICATE_REQUIRED: 'it wants a client certificate; write sslclientcert',
  BAD_CERTIFICATE: 'it does not take our client certificate',
  UNSUPPORTED_CERTIFICATE: 'it does not take a client certificate of this kind',
  CERTIFICATE_REVOKED: 'our client certificate was revoked',
  CERTIFICATE_EXPIRED: 'our client certificate has expired',
  CERTIFICATE_UNKNOWN: 'it does not take our client certificate',
  UNKNOWN_CA: 'it does not know the authority of our client certificate',
  ACCESS_DENIED: 'it does not let our client certificate in',
  HANDSHAKE_FAILURE: 'it found nothing to agree on, or wants a client certificate',
  PROTOCOL_VERSION: 'it speaks no version of TLS that is still safe',
}

/** An error of TLS with its reason; undefined for one that is none. */
export function tlsError(error: Error & { code?: string; reason?: string }): MirrorError | undefined {
  const reason = reasonOf(error)
  return reason === undefined ? undefined : new MirrorError('E_TLS', `TLS refused: ${reason}`, { cause: error })
}

function reasonOf({ code = '', reason, message }: Error & { code?: string; reason?: string }): string | undefined {
  const known = verification[code]
  if (known !== undefined) return known
  // OpenSSL's texts are long and name its source files; Node.js gives the reason apart.
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return message.replace(/\s+/g, ' ')
  const alert = /^ERR_SSL_.*ALERT_(\w+)$/.exec(code)?.[1]
  if (alert !== undefined) return alerts[alert] ?? `alert ${alert.toLowerCase().replaceAll('_', ' ')}`
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG')
    return 'what answers there speaks no TLS'
  if (code === 'ERR_SSL_UNSUPPORTED_PROTOCOL') return alerts.PROTOCOL_VERSION
  return /^(?:CERT_|ERR_TLS|ERR_SSL|EPROTO)/.test(code) ? (reason ?? message) : undefined
}
