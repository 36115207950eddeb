import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A PEM certificate and its key. */
export interface Pair {
  cert: string
  key: string
}

/** An authority made by openssl, and what it signs; all its files are removed when the test is over. */
export interface Authority {
  folder: string
  /** Its own certificate. */
  ca: string
  /** Signs a certificate for 127.0.0.1 and localhost, or with other lines of OpenSSL's extensions; 2 days unless told. */
  sign: (name: string, options?: { days?: number; extensions?: string }) => Pair
}

/** Makes a certificate authority, on elliptic curves because those keys take no time. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-tls-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const inFolder = (name: string): string => join(folder, name)
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Test CA', '-days', '2')
  return {
    folder,
    ca: inFolder('ca.crt'),
    sign: (name, { days = 2, extensions = 'subjectAltName=IP:127.0.0.1,DNS:localhost' } = {}) => {
      writeFileSync(inFolder('names'), `${extensions}\n`)
      openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
      const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days), '-extfile', 'names']
      openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.crt`, ...ca)
      return { cert: inFolder(`${name}.crt`), key: inFolder(`${name}.key`) }
    },
  }
}
