import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, getCACertificates, setDefaultCACertificates, type TlsOptions } from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { withRedirects } from '../../src/upstream/redirects.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { failure, fetch, patientFor, startServer } from './fetching.ts'

interface Certificate {
  key: Buffer
  cert: Buffer
}

/** A certificate for an address that signs itself, made by openssl; one of -1 days has expired. */
async function makeCertificate({ address = '127.0.0.1', days = 2 } = {}): Promise<Certificate> {
  await using folder = await makeTemporaryFolder()
  const [key, request, cert] = ['key', 'request', 'cert'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  const subject = ['-subj', `/CN=${address}`, '-addext', `subjectAltName=IP:${address}`]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const sign = ['-req', '-in', request, '-signkey', key, '-days', String(days), '-copy_extensions', 'copy']
  execFileSync('openssl', ['req', '-new', ...newKey, '-keyout', key, '-out', request, ...subject], { stdio: 'pipe' })
  execFileSync('openssl', ['x509', ...sign, '-out', cert], { stdio: 'pipe' })
  return { key: readFileSync(key), cert: readFileSync(cert) }
}

/** Listens with TLS, answers every request with this head, and counts what reached it inside the encryption. */
async function startTls(
  options: TlsOptions,
  head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
): Promise<AsyncDisposable & { url: string; bytes: () => number }> {
  let bytes = 0
  const server = createServer(options, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      socket.end(head)
    })
  })
  server.on('tlsClientError', () => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = async () => {
    server.close()
    await once(server, 'close')
  }
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/file`
  return { url, bytes: () => bytes, [Symbol.asyncDispose]: close }
}

const known = getCACertificates('default')

/** Makes this process trust a certificate, until the test ends. */
function trust({ cert }: Certificate): void {
  setDefaultCACertificates([...known, String(cert)])
}

afterEach(() => setDefaultCACertificates(known))

describe.skipIf(!judge('openssl'))('U14: over TLS', () => {
  test('a file comes from a host whose certificate is trusted', async () => {
    const certificate = await makeCertificate()
    trust(certificate)
    await using server = await startTls(certificate)
    await using http = patientFor(5000)
    expect(String((await fetch(http, server.url)).body)).toBe('ok')
  })

  test.each([
    ['that nobody vouches for', {}, false, 'self-signed certificate'],
    ['that has expired', { days: -1 }, true, 'certificate has expired'],
    ['of another host', { address: '127.0.0.9' }, true, "Hostname/IP does not match certificate's altnames"],
  ])('a host with a certificate %s is refused, and nothing is sent to it', async (_, options, isTrusted, reason) => {
    const certificate = await makeCertificate(options)
    if (isTrusted) trust(certificate)
    await using server = await startTls(certificate)
    await using http = patientFor(5000)
    expect(await failure(fetch(http, server.url))).toMatchObject({
      code: 'E_TLS',
      message: expect.stringMatching(`^TLS refused: ${reason}`),
    })
    expect(server.bytes()).toBe(0)
  })

  test('a host that wants to know us is refused', async () => {
    const certificate = await makeCertificate()
    trust(certificate)
    await using server = await startTls({ ...certificate, requestCert: true, rejectUnauthorized: true })
    await using http = patientFor(5000)
    expect(await failure(fetch(http, server.url))).toMatchObject({ code: expect.stringMatching(/^E_(TLS|TRUNCATED)$/) })
  })

  test('a host that speaks only what is too old is refused', async () => {
    const certificate = await makeCertificate()
    trust(certificate)
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await using server = await startTls({ ...certificate, ...old })
    await using http = patientFor(5000)
    expect(await failure(fetch(http, server.url))).toMatchObject({ code: 'E_TLS' })
  })

  test('a redirect to a host without TLS is not followed', async () => {
    await using plain = await startServer()
    const certificate = await makeCertificate()
    trust(certificate)
    const head = `HTTP/1.1 302 Found\r\nLocation: ${plain.url}file\r\nContent-Length: 0\r\n\r\n`
    await using server = await startTls(certificate, head)
    await using http = patientFor(5000)
    expect(await failure(fetch(withRedirects(http), server.url))).toMatchObject({
      code: 'E_REDIRECT_SCHEME',
      message: `a redirect from ${server.url} to http: is not followed`,
    })
    expect(plain.requests).toEqual([])
  })
})

test('a host that speaks no TLS is refused', async () => {
  await using server = await startServer()
  await using http = patientFor(1000)
  server.rules.unshift({ path: /^/, fault: { kind: 'raw', bytes: 'HTTP/1.1 400 Bad Request\r\n\r\n' } })
  const url = server.url.replace('http:', 'https:')
  expect(await failure(fetch(http, `${url}file`))).toMatchObject({ code: expect.stringMatching(/^E_(TLS|CONNECT)$/) })
})
