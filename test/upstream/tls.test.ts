import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createServer, type TlsOptions } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { failure, fetch, patientFor } from './fetching.ts'

interface Certificate {
  key: Buffer
  cert: Buffer
}

/** A certificate that signs itself, made by openssl. */
async function makeCertificate(dir: string, ...options: string[]): Promise<Certificate> {
  const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', [...request, '-keyout', key, '-out', cert, ...options], { stdio: 'pipe' })
  return { key: await readFile(key), cert: await readFile(cert) }
}

/** Listens with TLS, answers every request alike, and counts what reached it inside the encryption. */
async function startTls(options: TlsOptions): Promise<AsyncDisposable & { url: string; bytes: () => number }> {
  let bytes = 0
  const server = createServer(options, (socket) => {
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
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

describe.skipIf(!judge('openssl'))('a TLS connection', () => {
  test.each([
    ['signed by itself', ['-days', '2', '-subj', '/CN=127.0.0.1'], 'self-signed certificate'],
    ['of another host, signed by itself', ['-days', '2', '-subj', '/CN=elsewhere.example'], 'self-signed certificate'],
    ['that has expired', ['-days', '-1', '-subj', '/CN=127.0.0.1'], 'self-signed certificate|certificate has expired'],
  ])('to a host with a certificate %s is refused, and nothing is sent', async (_, options, reason) => {
    await using folder = await makeTemporaryFolder()
    await using server = await startTls(await makeCertificate(folder.path, ...options))
    await using http = patientFor(5000)
    expect(await failure(fetch(http, server.url))).toMatchObject({
      code: 'E_TLS',
      message: expect.stringMatching(`^TLS refused: (${reason})`),
    })
    expect(server.bytes()).toBe(0)
  })

  test('to a host that speaks only what is too old is refused', async () => {
    await using folder = await makeTemporaryFolder()
    const certificate = await makeCertificate(folder.path, '-subj', '/CN=127.0.0.1')
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await using server = await startTls({ ...certificate, ...old })
    await using http = patientFor(5000)
    expect(await failure(fetch(http, server.url))).toMatchObject({ code: 'E_TLS' })
  })
})

test('a TLS connection to a host that speaks HTTP is refused', async () => {
  const { startServer } = await import('./fetching.ts')
  await using server = await startServer({ kind: 'raw', bytes: 'HTTP/1.1 400 Bad Request\r\n\r\n' })
  await using http = patientFor(2000)
  const error = await failure(fetch(http, server.url.replace('http:', 'https:')))
  expect(error).toMatchObject({ code: expect.stringMatching(/^E_(TLS|SLOW|CONNECT)$/) })
})
