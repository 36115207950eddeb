import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer as createPlain, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import { describe, expect, test } from 'vitest'
import type { Access } from '../../src/config/repo.ts'
import { Secret } from '../../src/config/secret.ts'
import { Addresses } from '../../src/upstream/addresses.ts'
import { proxies } from '../../src/upstream/proxies.ts'
import { readTls } from '../../src/upstream/tlsFiles.ts'
import { makeAuthority } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { login, type RealProxy, startDanted, startSquid, startTinyproxy } from '../helpers/proxies.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'
import { content, failure, fetch, patientFor, startServer } from './fetching.ts'

const trusting = { verify: true, ca: undefined, clientCert: undefined, clientKey: undefined }

type Options = { password?: string; ca?: string; addresses?: Addresses; tls?: Partial<Access['tls']> }

/** A transport whose proxy is this one. */
function by(url: string, { password, ca, addresses, tls }: Options = {}) {
  const known = password === undefined ? undefined : { username: login.username, password: new Secret(password) }
  const proxy = { url, login: known, tls: { ...trusting, ca } }
  return patientFor(5000, 2, {
    proxyFor: proxies({ proxy, noProxy: [] }),
    tls: readTls({ ...trusting, ...tls }),
    ...(addresses && { addresses }),
  })
}

/** A host with a certificate of a new authority, which counts the connections that come to it. */
async function startSecure() {
  const authority = makeAuthority()
  const { cert, key } = authority.sign('server')
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    server.close()
    await once(server, 'close')
  }
  return { url: `https://127.0.0.1:${port}/file`, port, ca: authority.ca, authority, [Symbol.asyncDispose]: close }
}

type Started = RealProxy & { scheme: string }
type Start = (folder: TemporaryFolder, password: boolean) => Promise<Started>

const real: [string, string[], Start][] = [
  ['squid', ['squid'], async ({ path }, password) => ({ ...(await startSquid(path, { password })), scheme: 'http' })],
  [
    'tinyproxy',
    ['tinyproxy'],
    async ({ path }, password) => ({ ...(await startTinyproxy(path, { password })), scheme: 'http' }),
  ],
]

describe.each(real)('through %s', (name, commands, start) => {
  test.skipIf(!judge(...commands, 'openssl'))('files of http and of https come', { timeout: 30_000 }, async () => {
    await using folder = await makeTemporaryFolder()
    await using proxy = await start(folder, false)
    await using server = await startServer()
    await using secure = await startSecure()
    await using http = by(`${proxy.scheme}://127.0.0.1:${proxy.port}`, { tls: { ca: secure.ca } })
    expect((await fetch(http, `${server.url}file?x=1`)).body).toEqual(content)
    expect(server.requests[0]).toMatchObject({ path: '/file?x=1', headers: { via: expect.stringContaining('1.1') } })
    expect(String((await fetch(http, secure.url)).body)).toBe('secret')
    // Who the host is is proved to us, not to the proxy.
    await using trusting = by(`${proxy.scheme}://127.0.0.1:${proxy.port}`)
    expect(await failure(fetch(trusting, secure.url))).toMatchObject({ code: 'E_TLS' })
  })

  test.skipIf(!judge(...commands, 'openssl'))(
    'with a password, or else with a reason',
    { timeout: 30_000 },
    async () => {
      await using folder = await makeTemporaryFolder()
      await using proxy = await start(folder, true)
      await using server = await startServer()
      await using secure = await startSecure()
      const url = `${proxy.scheme}://127.0.0.1:${proxy.port}`
      await using known = by(url, { password: login.password, tls: { ca: secure.ca } })
      expect((await fetch(known, `${server.url}file`)).body).toEqual(content)
      expect(String((await fetch(known, secure.url)).body)).toBe('secret')
      expect(JSON.stringify(server.requests)).not.toMatch(/proxy-authorization/i)
      await using unknown = by(url)
      await using wrong = by(url, { password: 'wrong' })
      const place = `the proxy 127.0.0.1:${proxy.port}`
      // tinyproxy answers 401 to a wrong password where it should 407.
      for (const to of [`${server.url}file`, secure.url]) {
        const wants = await failure(fetch(unknown, to)).catch((error: unknown) => error)
        expect(wants).toMatchObject({
          code: 'E_PROXY',
          message: `${place} wants a name and password: write proxy_username`,
        })
        if (name === 'squid')
          expect(await failure(fetch(wrong, to))).toMatchObject({
            code: 'E_PROXY',
            message: `${place} does not take our name and password`,
          })
      }
      expect(server.requests.filter(({ path }) => path === '/file')).toHaveLength(1)
    },
  )
})

test.skipIf(!judge('squid', 'openssl'))(
  'an https proxy has its own certificate to show',
  { timeout: 30_000 },
  async () => {
    await using folder = await makeTemporaryFolder()
    await using secure = await startSecure()
    const authority = makeAuthority()
    await using proxy = await startSquid(folder.path, { tls: authority.sign('proxy') })
    await using server = await startServer()
    const url = `https://127.0.0.1:${proxy.port}`
    await using http = by(url, { ca: authority.ca, tls: { ca: secure.ca } })
    expect((await fetch(http, `${server.url}file`)).body).toEqual(content)
    expect(String((await fetch(http, secure.url)).body)).toBe('secret')
    await using unknown = by(url)
    expect(await failure(fetch(unknown, secure.url))).toMatchObject({
      code: 'E_TLS',
      message: expect.stringMatching(`^the proxy 127\\.0\\.0\\.1:${proxy.port}: TLS refused: its authority is unknown`),
    })
  },
)

describe('through danted', () => {
  test.skipIf(!judge('danted', 'openssl')).each(['socks5', 'socks5h'])(
    '%s: files of http and of https come',
    async (scheme) => {
      await using folder = await makeTemporaryFolder()
      await using proxy = await startDanted(folder.path)
      await using server = await startServer()
      await using secure = await startSecure()
      const addresses = new Addresses(['127.0.0.1', 'localhost'], [])
      await using http = by(`${scheme}://127.0.0.1:${proxy.port}`, { tls: { ca: secure.ca }, addresses })
      expect((await fetch(http, `${server.url}file`)).body).toEqual(content)
      expect(String((await fetch(http, secure.url)).body)).toBe('secret')
      expect(String((await fetch(http, secure.url.replace('127.0.0.1', 'localhost'))).body)).toBe('secret')
    },
  )

  test.skipIf(!judge('danted'))('which lets nobody through, nothing comes', async () => {
    await using folder = await makeTemporaryFolder()
    await using proxy = await startDanted(folder.path, { refuses: true })
    await using server = await startServer()
    await using http = by(`socks5://127.0.0.1:${proxy.port}`)
    expect(await failure(fetch(http, `${server.url}file`))).toMatchObject({
      code: 'E_PROXY',
      message: expect.stringMatching(/^the proxy 127\.0\.0\.1:\d+ (?:is not allowed to|closed|failed)/),
    })
    expect(server.requests).toEqual([])
  })
})

/** A SOCKS5 proxy of ours, which says these bytes one after the other, each behind something from us; what it was told. */
async function startScripted(...answers: number[][]) {
  const told: Buffer[] = []
  const sockets: Socket[] = []
  const server = createPlain((socket) => {
    sockets.push(socket)
    const left = [...answers]
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      told.push(chunk)
      const next = left.shift()
      if (next !== undefined) socket.write(Buffer.from(next))
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { port, told, [Symbol.asyncDispose]: close }
}

describe('a SOCKS5 proxy', () => {
  test('is told name and password as RFC 1929 has them, and the host by its name', async () => {
    await using proxy = await startScripted([5, 2], [1, 0], [5, 4, 0, 1, 0, 0, 0, 0, 0, 0])
    await using http = by(`socks5h://127.0.0.1:${proxy.port}`, { password: login.password })
    expect(await failure(fetch(http, 'http://mirror.example:8080/x'))).toMatchObject({
      code: 'E_CONNECT',
      message: `the proxy 127.0.0.1:${proxy.port} finds no route to the host: mirror.example:8080`,
    })
    const { username, password } = login
    expect(proxy.told.map(String)).toEqual([
      '\u0005\u0002\u0000\u0002',
      `\u0001${String.fromCharCode(username.length)}${username}${String.fromCharCode(password.length)}${password}`,
      Buffer.from([5, 1, 0, 3, 14, ...Buffer.from('mirror.example'), 8080 >> 8, 8080 & 255]).toString(),
    ])
  })

  test.each<[string, number[][], string, RegExp]>([
    ['wants a password', [[5, 0xff]], 'E_PROXY', /wants a name and password/],
    ['speaks something else', [[0x48, 0x54]], 'E_PROXY', /does not speak SOCKS5/],
    [
      'has rules',
      [
        [5, 0],
        [5, 2, 0, 1],
      ],
      'E_PROXY',
      /is not allowed to: 127\.0\.0\.1:1$/,
    ],
    [
      'is refused itself',
      [
        [5, 0],
        [5, 5, 0, 1],
      ],
      'E_CONNECT',
      /was refused the connection: 127\.0\.0\.1:1$/,
    ],
    ['says nothing', [], 'E_CONNECT', /does not answer/],
  ])('that %s', async (_, answers, code, message) => {
    await using proxy = await startScripted(...answers)
    const way = { proxy: { url: `socks5://127.0.0.1:${proxy.port}`, login: undefined, tls: trusting }, noProxy: [] }
    await using http = patientFor(500, 1, { proxyFor: proxies(way) })
    expect(await failure(fetch(http, 'http://127.0.0.1:1/x'))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })
})

describe('U11: behind a proxy', () => {
  test.each([
    ['http://169.254.169.254/latest/meta-data/', '169.254.169.254'],
    ['http://10.0.0.7/x', '10.0.0.7'],
    ['https://[::1]/x', '::1'],
    ['http://localhost/x', 'localhost'],
    ['https://metadata.google.internal/x', 'metadata.google.internal'],
  ])('%s is not asked for', async (url, host) => {
    await using proxy = await startScripted()
    for (const scheme of ['http', 'socks5h']) {
      await using http = by(`${scheme}://127.0.0.1:${proxy.port}`)
      expect(await failure(fetch(http, url))).toMatchObject({
        code: 'E_SSRF',
        message: expect.stringContaining(`-> ${host}: `),
      })
    }
    expect(proxy.told).toEqual([])
  })
})

test('a proxy that is not there is named', async () => {
  for (const scheme of ['http', 'socks5']) {
    await using http = by(`${scheme}://127.0.0.1:1`)
    const error = await failure(fetch(http, 'https://mirror.example/x'))
    expect(error).toMatchObject({ code: 'E_CONNECT', message: 'the proxy 127.0.0.1:1: connection refused' })
  }
})
