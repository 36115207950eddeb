import { once } from 'node:events'
import { truncateSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { serve } from '../../src/serve/server.ts'
import { pattern, raw, rawGet, running, statuses, tree } from './serving.ts'

const host = 'Host: mirror\r\n'
const closing = `${host}Connection: close\r\n`

describe('raw request targets', () => {
  test.each([
    '/../state/secret',
    '/repo/../../state/secret',
    '/%2e%2e/state/secret',
    '/..%2fstate/secret',
    '/%2e%2e%2fstate%2fsecret',
    '/%252e%252e/state/secret',
    '/..\\state\\secret',
    '/..%5cstate/secret',
    '//state/secret',
    '/repo/%00',
    '/repo/%zz',
    '/repo/%c0%ae%c0%ae/secret',
    'http://elsewhere/state/secret',
    'state/secret',
    '*',
    '/link/secret',
    '/.mirror',
    `/${'a'.repeat(9000)}`,
    `/${'a'.repeat(65_536)}`,
    `/${'../'.repeat(2000)}etc/passwd`,
    `/repo/${'%2e%2e/'.repeat(1000)}etc/passwd`,
  ])('%.60s is refused', async (target) => {
    const { port } = await running(tree({ 'repo/file': 'ours', '.mirror': 'id', '../state/secret': 'secret' }))
    const answer = await rawGet(port, target)
    expect([400, 404, 414]).toContain(statuses(answer)[0])
    expect(answer).not.toContain('\r\n\r\nsecret')
    expect(await rawGet(port, '/repo/file')).toContain('\r\n\r\nours')
  })

  test('a target that is too long is 414, header fields that are too many 431', async () => {
    const { port } = await running(tree({ file: 'ours' }))
    expect(statuses(await rawGet(port, `/${'a'.repeat(9000)}`))).toEqual([414])
    expect(statuses(await rawGet(port, `/${'a'.repeat(65_536)}`))).toEqual([414])
    const fields = `X: ${'a'.repeat(1000)}\r\n`.repeat(30)
    expect(statuses(await raw(port, `GET /file HTTP/1.1\r\n${closing}${fields}\r\n`))).toEqual([431])
  })
})

describe('methods, bodies and smuggling', () => {
  test.each(['POST', 'PUT', 'DELETE', 'TRACE', 'OPTIONS'])('%s is 405, its body dropped', async (method) => {
    const { port } = await running(tree({ file: 'ours' }))
    const next = `GET /file HTTP/1.1\r\n${closing}\r\n`
    const answer = await raw(
      port,
      `${method} /file HTTP/1.1\r\n${host}Content-Length: 26\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n${next}`,
    )
    expect(statuses(answer)).toEqual([405, 200])
    expect(answer).toMatch(/^allow: GET, HEAD\r$/m)
  })

  test('CONNECT is 405', async () => {
    const { port } = await running(tree({ file: 'ours' }))
    const answer = await raw(port, `CONNECT elsewhere:443 HTTP/1.1\r\nHost: elsewhere:443\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 405 .*\r\nAllow: GET, HEAD\r\n/)
  })

  test('a body on GET is dropped, and the next request starts after it', async () => {
    const { port } = await running(tree({ a: 'first', b: 'second' }))
    const answer = await raw(
      port,
      `GET /a HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n5\r\nHELLO\r\n0\r\n\r\nGET /b HTTP/1.1\r\n${closing}\r\n`,
    )
    expect(statuses(answer)).toEqual([200, 200])
    expect(answer).toMatch(/first.*second$/s)
  })

  test('100 requests in one packet are answered in order', async () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`f${n}`, `<${n}>`]))
    const { port } = await running(tree(files))
    const requests = Object.keys(files).map((name) => `GET /${name} HTTP/1.1\r\n${host}\r\n`)
    const answer = await raw(port, `${requests.join('')}GET /f0 HTTP/1.1\r\n${closing}\r\n`)
    expect([...answer.matchAll(/<(\d+)>/g)].map(([, n]) => Number(n))).toEqual([...Array(100).keys(), 0])
  })

  test.each([
    ['a length and chunks', `${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a negative length', `${host}Content-Length: -1\r\n\r\n`],
    ['no Host', '\r\n'],
    ['a space before the colon', `Host : mirror\r\n\r\n`],
    ['a NUL in a field', `${host}X: a\0b\r\n\r\n`],
    ['a bare CR', `${host}X: a\rb\r\n\r\n`],
  ])('%s is 400 and the end of the connection', async (_, rest) => {
    const { port } = await running(tree({ file: 'ours' }))
    const smuggled = `GET /file HTTP/1.1\r\n${closing}\r\n`
    expect(statuses(await raw(port, `GET /file HTTP/1.1\r\n${rest}${smuggled}`))).toEqual([400])
  })

  test.each([
    ['a broken chunk', 'chunked\r\n\r\nzz\r\n'],
    ['an unknown transfer coding', 'xchunked\r\n\r\n0\r\n\r\n'],
  ])('%s ends the connection, and what follows is no request', async (_, rest) => {
    const { port } = await running(tree({ file: 'ours', smuggled: 'smuggled' }))
    const next = `GET /smuggled HTTP/1.1\r\n${closing}\r\n`
    const answer = await raw(port, `GET /file HTTP/1.1\r\n${host}Transfer-Encoding: ${rest}${next}`)
    expect(statuses(answer).length).toBeLessThan(2)
    expect(answer).not.toContain('smuggled')
  })

  test.each([
    'GET /file\r\n\r\n',
    'GET /file HTTP/0.9\r\n\r\n',
    'GET /file HTTP/3.0\r\n\r\n',
    '\x16\x03\x01\x02\x00',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])('%j is 400', async (text) => {
    const { port } = await running(tree({ file: 'ours' }))
    expect(statuses(await raw(port, text))).toEqual([400])
  })

  test('HTTP/1.0 is answered and closed', async () => {
    const { port } = await running(tree({ file: 'ours' }))
    expect(await raw(port, 'GET /file HTTP/1.0\r\n\r\n')).toMatch(/ 200 OK\r\n.*\r\n\r\nours$/s)
  })

  test('HEAD has the length of the file and no body', async () => {
    const { port } = await running(tree({ file: 'ours' }))
    const answer = await raw(port, `HEAD /file HTTP/1.1\r\n${closing}\r\n`)
    expect(answer).toMatch(/ 200 OK\r\n.*content-length: 4\r\n.*\r\n\r\n$/s)
  })
})

describe('slow clients', () => {
  test('one that never finishes its header fields, and one that sends nothing, are cut', async () => {
    const { port } = await running(tree({ file: 'ours' }), { headersTimeoutMs: 300 })
    const answers = await Promise.all([raw(port, 'GET /file HTTP/1.1\r\nHost: mi'), raw(port, '')])
    expect(answers.map(statuses)).toEqual([[408], [408]])
  })

  test('one that asks and never reads is cut, while others are served', async () => {
    const root = tree({ big: '', file: 'ours' })
    truncateSync(join(root, 'big'), 1e9)
    const site = await running(root, { idleMs: 500 })
    const slow = connect(site.port, '127.0.0.1')
    slow.on('error', () => undefined)
    slow.write(`GET /big HTTP/1.1\r\n${host}\r\n`)
    slow.pause()
    expect(await rawGet(site.port, '/file')).toContain('ours')
    await vi.waitFor(() => expect(site.entries).toHaveLength(2), 5000)
    expect(site.entries.find(({ target }) => target === '/big')).toMatchObject({ status: 200, complete: false })
    slow.destroy()
  })

  test('one that reads slowly but steadily gets all of it', async () => {
    const content = pattern(3_000_000)
    const { url } = await running(tree({ file: content }), { idleMs: 300 })
    const response = await fetch(`${url}file`)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk)
      await wait(10)
    }
    expect(Buffer.concat(chunks).equals(content)).toBe(true)
  })

  test('500 idle connections keep nobody out, and are cut', async () => {
    const { port } = await running(tree({ file: 'ours' }), { headersTimeoutMs: 1000 })
    const idle = Array.from({ length: 500 }, () => raw(port, 'GET '))
    expect(await rawGet(port, '/file')).toContain('ours')
    expect((await Promise.all(idle)).flatMap(statuses)).toEqual(Array(500).fill(408))
  })

  test('one connection more than allowed is closed, the others work', async () => {
    const { port } = await running(tree({ file: 'ours' }), { maxConnections: 1 })
    const first = connect(port, '127.0.0.1')
    await once(first, 'connect')
    expect(await raw(port, '')).toBe('')
    first.write(`GET /file HTTP/1.1\r\n${closing}\r\n`)
    const [answer] = (await once(first, 'data')) as [Buffer]
    expect(answer.toString()).toContain('200 OK')
  })
})

describe('stopping', () => {
  test('running responses are finished, idle connections closed, new ones not accepted', async () => {
    const content = pattern(20_000_000)
    const site = await running(tree({ big: content, file: 'ours' }), { drainMs: 30_000 })
    const idle = connect(site.port, '127.0.0.1')
    idle.write(`GET /file HTTP/1.1\r\n${host}\r\n`)
    await once(idle, 'data')
    const response = await fetch(`${site.url}big`)
    const stopped = site.stop()
    await once(idle, 'close')
    await expect(fetch(site.url)).rejects.toThrow('fetch failed')
    expect(Buffer.from(await response.arrayBuffer()).equals(content)).toBe(true)
    await stopped
  })

  test('a response that does not end is cut after drainMs', async () => {
    const root = tree({ big: '' })
    truncateSync(join(root, 'big'), 1e9)
    const site = await running(root, { drainMs: 200 })
    const slow = connect(site.port, '127.0.0.1')
    slow.on('error', () => undefined)
    slow.write(`GET /big HTTP/1.1\r\n${host}\r\n`)
    await once(slow, 'readable')
    await site.stop()
    expect(site.entries).toMatchObject([{ status: 200, complete: false }])
    slow.destroy()
  })

  test('a signal that was given before starts nothing', async () => {
    const root = tree({})
    const listen = { host: '127.0.0.1', port: 0 }
    await expect(serve({ root, listen, signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  })
})

describe('an address that cannot be had', () => {
  test('a port in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expect(refusal('127.0.0.1', port)).resolves.toBe(
      `E_LISTEN: Cannot listen on 127.0.0.1:${port}: another program has this port; stop it or set another port in listen:`,
    )
    other.close()
  })

  test('an address of another machine, and a name of none', async () => {
    await expect(refusal('2001:db8::1', 80)).resolves.toMatch(/^E_LISTEN: Cannot listen on \[2001:db8::1\]:80: /)
    await expect(refusal('192.0.2.1', 80)).resolves.toMatch(/does not have this address; set one of its own in listen:/)
  })

  async function refusal(host: string, port: number): Promise<string> {
    const signal = new AbortController().signal
    const error = await serve({ root: tree({}), listen: { host, port }, signal }).catch((error: unknown) => error)
    return (error as { line: string }).line
  }
})

test('each answered request is logged with what a combined log line needs', async () => {
  const { port, entries } = await running(tree({ file: 'ours' }))
  await raw(port, `GET /file?q HTTP/1.1\r\n${closing}User-Agent: dnf\r\nReferer: x\r\n\r\n`)
  expect(entries).toEqual([
    {
      time: expect.any(Date),
      remote: '127.0.0.1',
      method: 'GET',
      target: '/file?q',
      httpVersion: '1.1',
      referer: 'x',
      userAgent: 'dnf',
      status: 200,
      bytes: 4,
      milliseconds: expect.any(Number),
      complete: true,
    },
  ])
})
