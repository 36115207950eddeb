import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Access } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { readPrivate, readText } from './secretFile.ts'

/** What a TLS connection is made with, as `tls.connect` takes it; the client's pair goes to the operator's own hosts only. */
export type Tls = {
  /** Whether the other side must prove who it is, and to whom: PEM text, undefined for the system's authorities. */
  trust: { rejectUnauthorized: boolean; ca: string | undefined }
  client: { cert: string; key: string } | undefined
}

/** Reads the PEM files anew. @throws E_CREDENTIALS naming the key and the file that cannot be used, and why */
export function readTls({ verify, ca, clientCert, clientKey }: Access['tls']): Tls {
  const trust = { rejectUnauthorized: verify, ca: ca === undefined ? undefined : readCertificate('sslcacert', ca) }
  // As with curl, a file may hold the certificate and its key.
  if (clientCert === undefined) return { trust, client: undefined }
  return { trust, client: readPair(clientCert, clientKey ?? clientCert) }
}

function readCertificate(key: string, file: string): string {
  const text = readText(key, file)
  parsed(key, file, 'a PEM certificate', () => new X509Certificate(text))
  return text
}

/** A client's certificate and its key, which only we and our group may read. */
export function readPair(certFile: string, keyFile: string): { cert: string; key: string } {
  const cert = readText('sslclientcert', certFile)
  const key = readPrivate('sslclientkey', keyFile)
  const certificate = parsed('sslclientcert', certFile, 'a PEM certificate', () => new X509Certificate(cert))
  const secret = parsed('sslclientkey', keyFile, 'a PEM private key without a passphrase', () => privateKey(key))
  if (certificate.checkPrivateKey(secret)) return { cert, key }
  throw new MirrorError(
    'E_CREDENTIALS',
    `sslclientkey: ${keyFile} is not the key of the certificate in ${certFile}; give the two that belong together`,
  )
}

/** The first key of a file, which may begin with certificates. */
function privateKey(text: string): KeyObject {
  const [pem = text] = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----/s.exec(text) ?? []
  return createPrivateKey(pem)
}

function parsed<T>(key: string, file: string, expected: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new MirrorError('E_CREDENTIALS', `${key}: ${file} is not ${expected}`, { cause: error })
  }
}
