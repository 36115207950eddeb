import { once } from 'node:events'
import { chmodSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { makeAuthority, type Pair } from '../helpers/authority.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { content, failure, fetch, startServer } from './fetching.ts'

const transfer = { retries: 0, retryDelayMs: 1, timeoutMs: 300, minrate: 1000, userAgent: undefined }

/** Opens an upstream of these places with a short patience. */
function open(...baseurl: string[]) {
  return openUpstream({ baseurl, transfer } as unknown as Parameters<typeof openUpstream>[0], 2)
}

/** A server that wants to know who asks; the names in the certificates that it was shown, one for each request. */
async function startCurious({ cert, key }: Pair) {
  const names: (string | undefined)[] = []
  const options = { cert: readFileSync(cert), key: readFileSync(key), requestCert: true, rejectUnauthorized: false }
  const server = createServer(options, ({ socket }, answer) => {
    names.push((socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined)
    answer.end('ok')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  return { url, names, [Symbol.asyncDispose]: close }
}

test.skipIf(!judge('openssl'))(
  'a client certificate is shown to hosts of the operator’s own, not to those of keys and lists',
  async () => {
    const authority = makeAuthority()
    const [server, { cert, key }] = [authority.sign('server'), authority.sign('client')]
    await using own = await startCurious(server)
    await using keys = await startCurious(server)
    await using listed = await startCurious(server)
    const access = {
      urls: [],
      headers: [],
      tls: { verify: true, ca: authority.ca, clientCert: cert, clientKey: key },
      certificateWarningMs: 0,
      privateNetworks: [],
      way: { proxy: 'none' },
    }
    const repo = { baseurl: [own.url], gpgkey: [`${keys.url}key`], transfer, access }
    chmodSync(key, 0o600)
    const upstream = await openUpstream(repo as unknown as Parameters<typeof openUpstream>[0], 2)
    try {
      for (const { url } of [own, keys, listed]) await fetch(upstream.transport, new URL('file', url))
      expect([own.names, keys.names, listed.names]).toEqual([['client'], [undefined], [undefined]])
    } finally {
      await upstream.close()
    }
  },
)

describe('an upstream', () => {
  test('follows redirects, keeps the pace and says who it is', async () => {
    await using server = await startServer({ kind: 'redirect', location: '/file' })
    const upstream = await open(server.url)
    try {
      expect(upstream.mirrors.urls.map(String)).toEqual([server.url])
      expect((await fetch(upstream.transport, new URL('broken', upstream.mirrors.urls[0]))).body).toEqual(content)
      expect(server.requests[1]?.headers['user-agent']).toMatch(/^mirror\/\d/)
      server.rules.unshift({ path: 'file', fault: { kind: 'drip', bytes: 1, everyMs: 20 } })
      expect(await failure(fetch(upstream.transport, new URL('file', upstream.mirrors.urls[0])))).toMatchObject({
        code: 'E_SLOW',
      })
    } finally {
      await upstream.close()
    }
  })

  test('of folders needs no network', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), 'content')
    const upstream = await open(`${pathToFileURL(folder.path).href}/`)
    expect(String((await fetch(upstream.transport, new URL('file', upstream.mirrors.urls[0]))).body)).toBe('content')
    await upstream.close()
  })

  test('may have one place in a folder and another on a host', async () => {
    await using folder = await makeTemporaryFolder()
    await writeFile(join(folder.path, 'file'), 'content of the folder')
    await using server = await startServer()
    const upstream = await open(`${pathToFileURL(folder.path).href}/`, server.url)
    const bodies = []
    for (const base of upstream.mirrors.urls)
      bodies.push(String((await fetch(upstream.transport, new URL('file', base))).body))
    expect(bodies).toEqual(['content of the folder', String(content)])
    await upstream.close()
  })

  test('that is closed ends what is under way', async () => {
    await using server = await startServer({ kind: 'stall' })
    const upstream = await open(server.url)
    const attempt = failure(fetch(upstream.transport, `${server.url}broken`))
    while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await upstream.close()
    expect(await attempt).toMatchObject({ name: 'MirrorError', code: 'E_CONNECT' })
  })
})
