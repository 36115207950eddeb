import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import type { SecureContextOptions } from 'node:tls'
import { fromSystem, MirrorError } from '../errors.ts'

/** PEM files: a certificate with its chain, its key, and the authority that signs clients' certificates. */
export interface TlsFiles {
  cert: string
  key: string
  clientCa?: string | undefined
}

/** Reads the files anew; E_CONFIG names the one that is missing, readable by everybody, or not what it should be. */
export function secureContext({ cert, key, clientCa }: TlsFiles): SecureContextOptions {
  const certificate = checked('tls_cert', cert, (text) => new X509Certificate(text), 'a PEM certificate')
  const secret = checked('tls_key', key, (text) => createPrivateKey(text), 'a PEM private key without a passphrase')
  if (!certificate.value.checkPrivateKey(secret.value)) {
    throw new MirrorError(
      'E_CONFIG',
      `tls_key: ${key} is not the key of the certificate in ${cert}; give the two that belong together`,
    )
  }
  const pair = { cert: certificate.text, key: secret.text, minVersion: 'TLSv1.2' } as const
  if (clientCa === undefined) return pair
  const { text } = checked('tls_client_ca', clientCa, (text) => new X509Certificate(text), 'a PEM certificate')
  // A resumed session would be as trusted as when it began, whatever has been reloaded since.
  return { ...pair, ca: text, secureOptions: constants.SSL_OP_NO_TICKET }
}

type Checked<T> = { text: string; value: T }

function checked<T>(setting: string, file: string, parse: (text: string) => T, expected: string): Checked<T> {
  const text = read(setting, file)
  try {
    return { text, value: parse(text) }
  } catch (error) {
    throw new MirrorError('E_CONFIG', `${setting}: ${file} is not ${expected}`, { cause: error })
  }
}

function read(setting: string, file: string): string {
  try {
    const fd = openSync(file, 'r')
    try {
      if (setting === 'tls_key' && (fstatSync(fd).mode & 0o007) !== 0) {
        throw new MirrorError('E_CONFIG', `tls_key: everybody on this host may read ${file}; run chmod o= on it`)
      }
      return readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    const { message } = fromSystem(error, `${setting}: Cannot read ${file}`) as Error
    throw new MirrorError('E_CONFIG', message, { cause: error })
  }
}
