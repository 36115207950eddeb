import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { connect as connectRaw } from 'node:net'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import type { Handler } from '../../src/serve/message.ts'
import { checkFiles } from '../../src/serve/options.ts'
import { makeAuthority } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { pattern, raw, running, statuses, tree } from './serving.ts'

const run = promisify(execFile)

/** What curl got: the status and the body. */
async function curl(url: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '-w', ' %{http_code}', ...args, url], {
    encoding: 'latin1',
    maxBuffer: 1e8,
  })
  return stdout
}

const withCertificate = ({ cert, key }: { cert: string; key: string }): string[] => ['--cert', cert, '--key', key]

describe.skipIf(!judge('openssl', 'curl'))('TLS', () => {
  test('curl reads over it, knows a wrong authority, and gets large files whole', async () => {
    const authority = makeAuthority()
    const content = pattern(300_000)
    const { url } = await running(tree({ file: 'ours', big: content }), {}, { tls: authority.sign('server') })
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/)
    expect(await curl(`${url}file`, '--cacert', authority.ca)).toBe('ours 200')
    expect(await curl(`${url}big`, '--cacert', authority.ca)).toBe(`${content.toString('latin1')} 200`)
    expect(await curl(`${url}big`, '--cacert', authority.ca, '-r', '5-9')).toBe(
      `${content.toString('latin1', 5, 10)} 206`,
    )
    await expect(curl(`${url}file`, '--cacert', makeAuthority().ca)).rejects.toThrow('certificate')
    await expect(curl(`${url}file`, '--cacert', authority.ca, '--tls-max', '1.1')).rejects.toThrow('curl')
  })

  test('plain HTTP on its port, a broken handshake and one that never ends are cut, others served', async () => {
    const authority = makeAuthority()
    const tls = authority.sign('server')
    const { url, port } = await running(tree({ file: 'ours' }), { headersTimeoutMs: 500 }, { tls })
    expect(await raw(port, 'GET /file HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('ours')
    expect(await raw(port, `\x16\x03\x01\xff\xff${'x'.repeat(500)}`)).not.toContain('ours')
    expect(await raw(port, '')).not.toContain('ours')
    expect(await curl(`${url}file`, '--cacert', authority.ca)).toBe('ours 200')
  })

  test('a client without the certificate of the right authority gets 403, but for its health', async () => {
    const authority = makeAuthority()
    const tls = { ...authority.sign('server'), clientCa: authority.ca }
    const wrap = (): Handler => () => ({ status: 200, headers: {}, body: Buffer.from('fine') })
    const { url } = await running(tree({}), {}, { tls, wrap })
    const trusting = ['--cacert', authority.ca]
    expect(await curl(url, ...trusting, ...withCertificate(authority.sign('client')))).toBe('fine 200')
    const refused = 'A client certificate that this server trusts is required.\n 403'
    expect(await curl(url, ...trusting)).toBe(refused)
    expect(await curl(url, ...trusting, ...withCertificate(makeAuthority().sign('client')))).toBe(refused)
    expect(await curl(`${url}healthz`, ...trusting)).toBe('fine 200')
    expect(await curl(`${url}healthz/`, ...trusting)).toBe(refused)
  })

  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'no session is resumed by %s where certificates decide',
    async (version) => {
      const authority = makeAuthority()
      const tls = { ...authority.sign('server'), clientCa: authority.ca }
      const { port } = await running(tree({ file: 'ours' }), {}, { tls })
      const options = {
        port,
        host: '127.0.0.1',
        ca: readFileSync(authority.ca),
        minVersion: version,
        maxVersion: version,
      }
      const first = await asked(options)
      const second = await asked({ ...options, ...(first.session && { session: first.session }) })
      expect([first.answer, second.answer].map((answer) => statuses(answer))).toEqual([[403], [403]])
      expect(second.reused).toBe(false)
    },
  )

  test('a new certificate is shown after a reload, a broken one leaves the old', async () => {
    const [old, fresh] = [makeAuthority(), makeAuthority()]
    const tls = old.sign('server')
    const { url, reload } = await running(tree({ file: 'ours' }), {}, { tls })
    const next = fresh.sign('server')
    writeFileSync(tls.cert, 'no certificate')
    expect(() => reload({ tls })).toThrow(`tls_cert: ${tls.cert} is not a PEM certificate`)
    expect(await curl(`${url}file`, '--cacert', old.ca)).toBe('ours 200')
    copyFileSync(next.cert, tls.cert)
    const restart = 'it cannot come or go while connections are open; restart the server'
    expect(() => reload({})).toThrow(`tls_cert: ${restart}`)
    expect(() => reload({ tls: { ...tls, clientCa: old.ca } })).toThrow(`tls_client_ca: ${restart}`)
    expect(() => reload({ tls })).toThrow(`tls_key: ${tls.key} is not the key of the certificate in ${tls.cert}`)
    copyFileSync(next.key, tls.key)
    reload()
    expect(await curl(`${url}file`, '--cacert', fresh.ca)).toBe('ours 200')
    await expect(curl(`${url}file`, '--cacert', old.ca)).rejects.toThrow('certificate')
  })

  test('a server that stops finishes what it sends and cuts a handshake', async () => {
    const authority = makeAuthority()
    const root = tree({ big: '' })
    truncateSync(join(root, 'big'), 50_000_000)
    const site = await running(root, { drainMs: 1000 }, { tls: authority.sign('server') })
    const handshake = connectRaw(site.port, '127.0.0.1')
    await once(handshake, 'connect')
    const client = connect({ port: site.port, host: '127.0.0.1', ca: readFileSync(authority.ca) })
    await once(client, 'secureConnect')
    client.write('GET /big HTTP/1.1\r\nHost: mirror\r\n\r\n')
    await once(client, 'readable')
    expect(site.connections()).toBe(2)
    const stopped = site.stop()
    expect(await lengthOf(client)).toBeGreaterThan(50_000_000)
    await stopped
    await vi.waitFor(() => expect(site.connections()).toBe(0))
    handshake.destroy()
  })

  test('files that cannot be used are named', () => {
    const authority = makeAuthority()
    const good = authority.sign('server')
    const refusal = (tls: Parameters<typeof checkFiles>[0]['tls']): string => {
      const none = { htpasswd: undefined, allow: undefined, trustedProxies: undefined, accessLog: undefined }
      try {
        checkFiles({ tls, ...none })
        return ''
      } catch (error) {
        return (error as Error).message.replaceAll(authority.folder, 'DIR')
      }
    }
    expect(refusal({ ...good, clientCa: authority.ca })).toBe('')
    expect(refusal({ ...good, cert: join(authority.folder, 'absent'), clientCa: undefined })).toBe(
      'tls_cert: Cannot read DIR/absent: no such file or directory',
    )
    expect(refusal({ ...good, key: good.cert, clientCa: undefined })).toBe(
      'tls_key: everybody on this host may read DIR/server.crt; run chmod o= on it',
    )
    expect(refusal({ ...good, clientCa: good.key })).toBe('tls_client_ca: DIR/server.key is not a PEM certificate')
    chmodSync(good.key, 0o644)
    expect(refusal({ ...good, clientCa: undefined })).toBe(
      'tls_key: everybody on this host may read DIR/server.key; run chmod o= on it',
    )
  })
})

type Asked = { answer: string; session: Buffer | undefined; reused: boolean }

async function asked(options: ConnectionOptions): Promise<Asked> {
  const socket = connect(options)
  let session: Buffer | undefined
  let reused = true
  socket.on('secureConnect', () => (reused = socket.isSessionReused()))
  socket.on('session', (given: Buffer) => (session = given))
  socket.write('GET /file HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return { answer: Buffer.concat(chunks).toString(), session, reused }
}

async function lengthOf(socket: TLSSocket): Promise<number> {
  let length = 0
  for await (const chunk of socket) length += (chunk as Buffer).length
  return length
}
