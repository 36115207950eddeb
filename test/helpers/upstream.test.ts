import { writeFile } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Exchange, exchange } from './exchange.ts'
import { makeTemporaryFolder } from './temporary.ts'
import { damaged, type Fault, htmlPage, padded, type Rule, startUpstream } from './upstream.ts'

const body = Buffer.from(Array.from({ length: 100 }, (_, at) => at + 32))

const closing = 'Connection: close\r\n'

/** Asks for `/file` of an upstream with these faults; further header lines end with CRLF. */
async function ask(fault: Fault | Fault[], headers = closing, quietMs?: number): Promise<Exchange> {
  await using folder = await makeTemporaryFolder()
  await writeFile(join(folder.path, 'file'), body)
  await using upstream = await startUpstream(folder.path, [{ path: '/file', fault }])
  return await exchange(upstream.url, `GET /file HTTP/1.1\r\nHost: t\r\n${headers}\r\n`, quietMs)
}

/** A right upstream with `/file`, and a client for it. */
async function startRight(rules: Rule[] = []) {
  const folder = await makeTemporaryFolder()
  await writeFile(join(folder.path, 'file'), body)
  const upstream = await startUpstream(folder.path, rules)
  const agent = new Agent({ keepAlive: true })
  const fetch = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ response: IncomingMessage; body: Buffer }>((resolve, reject) => {
      const request = get(`${upstream.url}${path}`, { agent, headers, method }, (response) => {
        buffer(response).then((body) => resolve({ response, body }), reject)
      })
      request.on('error', reject)
    })
  const dispose = async () => {
    agent.destroy()
    await upstream.close()
    await folder[Symbol.asyncDispose]()
  }
  return { upstream, folder, fetch, [Symbol.asyncDispose]: dispose }
}

describe('without a rule', () => {
  test('a file is served whole, with its length and validators', async () => {
    await using right = await startRight()
    const { response, body: found } = await right.fetch('file')
    expect(response.statusCode).toBe(200)
    expect(found).toEqual(body)
    expect(response.headers).toMatchObject({ 'content-length': '100', etag: expect.stringMatching(/^"[0-9a-f]{16}"$/) })
    expect(Date.parse(response.headers['last-modified'] ?? '')).toBeGreaterThan(0)
  })

  test('HEAD has the headers of GET and no body, and the connection stays usable', async () => {
    await using right = await startRight()
    const { response, body: found } = await right.fetch('file', {}, 'HEAD')
    expect(response.headers['content-length']).toBe('100')
    expect(found).toHaveLength(0)
    expect((await right.fetch('file')).body).toEqual(body)
  })

  test('one connection carries several requests, and the log tells all of them', async () => {
    await using right = await startRight()
    await right.fetch('file')
    const { response } = await right.fetch('missing?x=1')
    expect(response.statusCode).toBe(404)
    expect(right.upstream.requests).toMatchObject([
      { method: 'GET', path: '/file', status: 200, headers: { connection: 'keep-alive' } },
      { method: 'GET', path: '/missing?x=1', status: 404 },
    ])
    const pipelined = 'GET /file HTTP/1.1\r\n\r\nGET /missing HTTP/1.1\r\nConnection: close\r\n\r\n'
    const { bytes, ending } = await exchange(right.upstream.url, pipelined)
    expect(bytes.toString('latin1').match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
    expect(ending).toBe('fin')
  })

  test.each(['../secret', '..%2fsecret', '%zz', 'a%00b', '.'])('%s is not found', async (path) => {
    await using right = await startRight()
    const { head } = await exchange(right.upstream.url, `GET /${path} HTTP/1.1\r\n${closing}\r\n`)
    expect(head).toMatch(/^HTTP\/1\.1 404 /)
  })

  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=90-', 90, 99],
    ['bytes=90-500', 90, 99],
    ['bytes=-7', 93, 99],
    ['bytes=-500', 0, 99],
  ])('%s is answered with these bytes', async (range, start, end) => {
    await using right = await startRight()
    const { response, body: found } = await right.fetch('file', { range })
    expect(response.statusCode).toBe(206)
    expect(response.headers['content-range']).toBe(`bytes ${start}-${end}/100`)
    expect(found).toEqual(body.subarray(start, end + 1))
  })

  test.each([
    ['bytes=100-', 416],
    ['bytes=-0', 416],
    ['bytes=9-5', 200],
    ['bytes=0-1,5-6', 200],
    ['lines=1-2', 200],
  ])('%s is answered with %i', async (range, status) => {
    await using right = await startRight()
    const { response } = await right.fetch('file', { range })
    expect(response.statusCode).toBe(status)
    if (status === 416) expect(response.headers['content-range']).toBe('bytes */100')
  })

  test('If-Range gives the part of the same version and the whole of another', async () => {
    await using right = await startRight()
    const { etag = '', 'last-modified': date = '' } = (await right.fetch('file')).response.headers
    const statusFor = async (condition: string) =>
      (await right.fetch('file', { range: 'bytes=5-', 'if-range': condition })).response.statusCode
    expect(await statusFor(etag)).toBe(206)
    expect(await statusFor(date)).toBe(206)
    expect(await statusFor('"other"')).toBe(200)
    expect(await statusFor(`W/${etag}`)).toBe(200)
  })

  test('an unchanged file is 304, a changed one of the same size and second is 200', async () => {
    await using right = await startRight()
    const { etag = '', 'last-modified': date = '' } = (await right.fetch('file')).response.headers
    const tagged = () => right.fetch('file', { 'if-none-match': `"x", ${etag}` })
    expect((await tagged()).response.statusCode).toBe(304)
    expect((await right.fetch('file', { 'if-modified-since': date })).response.statusCode).toBe(304)
    await writeFile(join(right.folder.path, 'file'), damaged(body))
    const { response, body: found } = await tagged()
    expect(response.statusCode).toBe(200)
    expect(found).toEqual(damaged(body))
  })
})

describe('rules', () => {
  test('times limits a rule to the first requests, and the next rule takes over', async () => {
    await using right = await startRight([
      { path: /fi/, times: 2, fault: { kind: 'status', status: 503, headers: { 'Retry-After': '7' } } },
      { path: 'file', times: 1, fault: { kind: 'status', status: 404 } },
    ])
    const statuses = []
    for (let count = 0; count < 4; count++) statuses.push((await right.fetch('file')).response.statusCode)
    expect(statuses).toEqual([503, 503, 404, 200])
  })

  test('rules can be changed while it runs', async () => {
    await using right = await startRight()
    right.upstream.rules.push({ path: 'file', fault: { kind: 'status', status: 429, headers: { 'Retry-After': '7' } } })
    const { response } = await right.fetch('file')
    expect([response.statusCode, response.headers['retry-after']]).toEqual([429, '7'])
    right.upstream.rules.length = 0
    expect((await right.fetch('file')).response.statusCode).toBe(200)
  })

  test('a hook runs before the file is read', async () => {
    const other = Buffer.from('moved')
    await using right = await startRight()
    const before = () => writeFile(join(right.folder.path, 'file'), other)
    right.upstream.rules.push({
      path: 'file',
      fault: [
        { kind: 'hook', before },
        { kind: 'delay', ms: 1 },
      ],
    })
    expect((await right.fetch('file')).body).toEqual(other)
  })

  test('a fault of ranges leaves whole requests alone', async () => {
    await using right = await startRight([
      { path: 'file', times: 1, fault: { kind: 'range', answer: 'unsatisfiable' } },
    ])
    expect((await right.fetch('file')).response.statusCode).toBe(200)
    expect((await right.fetch('file', { range: 'bytes=1-' })).response.statusCode).toBe(416)
    expect((await right.fetch('file', { range: 'bytes=1-' })).response.statusCode).toBe(206)
  })
})

describe('content and reply faults', () => {
  test('one flipped bit keeps size and length', async () => {
    const { body: found, head } = await ask({ kind: 'replace', body: damaged })
    expect(head).toContain('Content-Length: 100')
    expect(found.filter((byte, at) => byte !== body[at])).toHaveLength(1)
  })

  test('a page of HTML comes with 200, padded or cut to size where wanted', async () => {
    const page = await ask({ kind: 'replace', body: htmlPage, contentType: 'text/html' })
    expect(page.head).toMatch(/^HTTP\/1\.1 200 OK.*Content-Type: text\/html/s)
    expect(page.body).toEqual(htmlPage)
    const sized = await ask({ kind: 'replace', body: padded })
    expect(sized.body).toHaveLength(100)
    expect(sized.body.toString()).toMatch(/^<!DOCTYPE html>/)
  })

  test('gzip is announced and applied', async () => {
    const { head, body: found } = await ask({ kind: 'gzip' })
    expect(head).toContain('Content-Encoding: gzip')
    expect(gunzipSync(found)).toEqual(body)
  })

  test('a redirect carries any Location, or none', async () => {
    const split = await ask({ kind: 'redirect', location: 'http://x/\r\nX-Split: 1' })
    expect(split.head).toMatch(/^HTTP\/1\.1 302 /)
    expect(split.head).toContain('\r\nLocation: http://x/\r\nX-Split: 1')
    expect((await ask({ kind: 'redirect', location: ({ path }) => path })).head).toContain('Location: /file')
    expect((await ask({ kind: 'redirect', status: 301 })).head).not.toContain('Location')
  })

  test('304 comes unasked', async () => {
    const { head, body: found } = await ask({ kind: 'notModified' })
    expect(head).toMatch(/^HTTP\/1\.1 304 /)
    expect(found).toHaveLength(0)
  })

  test('headers are set and removed', async () => {
    const { head } = await ask({
      kind: 'headers',
      set: { etag: null, 'Last-Modified': 'Thu, 01 Jan 2099 00:00:00 GMT' },
    })
    expect(head).not.toContain('ETag')
    expect(head).toContain('Last-Modified: Thu, 01 Jan 2099')
  })

  test.each([
    ['wrongStart', /^HTTP\/1\.1 206 .*Content-Range: bytes 9-19\/100/s, body.subarray(9, 20)],
    ['wrongTotal', /^HTTP\/1\.1 206 .*Content-Range: bytes 10-19\/101/s, body.subarray(10, 20)],
    ['otherContent', /^HTTP\/1\.1 206 .*Content-Range: bytes 10-19\/100/s, damaged(body.subarray(10, 20))],
    ['whole', /^HTTP\/1\.1 200 /, body],
    ['unsatisfiable', /^HTTP\/1\.1 416 .*Content-Range: bytes \*\/100/s, Buffer.alloc(0)],
    ['noContentRange', /^HTTP\/1\.1 206 (?!.*Content-Range)/s, body.subarray(10, 20)],
  ] as const)('a range is answered with %s', async (answer, head, found) => {
    const reply = await ask({ kind: 'range', answer }, `Range: bytes=10-19\r\n${closing}`)
    expect(reply.head).toMatch(head)
    expect(reply.body).toEqual(found)
  })

  test('a range is answered with multipart/byteranges', async () => {
    const { head, body: found } = await ask({ kind: 'range', answer: 'multipart' }, `Range: bytes=10-19\r\n${closing}`)
    expect(head).toContain('Content-Type: multipart/byteranges; boundary=cut')
    expect(found.toString('latin1')).toContain(`bytes 10-19/100\r\n\r\n${body.toString('latin1', 10, 20)}\r\n--cut--`)
  })
})

describe('faults on the wire', () => {
  test.each([
    [{ kind: 'reset' }, '', 'rst'],
    [{ kind: 'reset', end: 'fin' }, '', 'fin'],
    [{ kind: 'silence' }, '', 'open'],
    [{ kind: 'raw', bytes: 'hello\n' }, 'hello\n', 'fin'],
  ] as const)('%o sends no reply', async (fault, text, ending) => {
    const reply = await ask(fault, '')
    expect([reply.bytes.toString(), reply.ending]).toEqual([text, ending])
  })

  test.each([
    [{ kind: 'stall' }, 0, 'open'],
    [{ kind: 'stall', after: 30 }, 30, 'open'],
    [{ kind: 'truncate', after: 30 }, 30, 'fin'],
    [{ kind: 'truncate', after: 30, end: 'rst' }, 30, 'rst'],
    [{ kind: 'wrongLength', by: 5 }, 100, 'fin'],
    [{ kind: 'wrongLength', by: -5 }, 100, 'open'],
  ] as const)('%o sends %i bytes and then: %s', async (fault, length, ending) => {
    const reply = await ask(fault, '')
    expect(reply.head).toContain(`Content-Length: ${100 + ('by' in fault ? fault.by : 0)}`)
    expect(reply.body).toEqual(body.subarray(0, length))
    expect(reply.ending).toBe(ending)
  })

  test.each([
    [{ kind: 'noLength' }, 100],
    [{ kind: 'noLength', cutAfter: 30 }, 30],
  ] as const)('%o announces nothing and sends %i bytes', async (fault, length) => {
    const reply = await ask(fault, '')
    expect(reply.head).not.toMatch(/Content-Length|Transfer-Encoding/)
    expect(reply.body).toEqual(body.subarray(0, length))
    expect(reply.ending).toBe('fin')
  })

  test('chunks come complete, or are cut without the last one', async () => {
    const complete = await ask({ kind: 'chunked' }, '')
    expect(complete.head).toContain('Transfer-Encoding: chunked')
    expect(complete.body.toString('latin1')).toBe(`64\r\n${body.toString('latin1')}\r\n0\r\n\r\n`)
    expect(complete.ending).toBe('open')
    const cut = await ask({ kind: 'chunked', cutAfter: 16, end: 'rst' })
    expect(cut.body.toString('latin1')).toBe(`10\r\n${body.toString('latin1', 0, 16)}\r\n`)
    expect(cut.ending).toBe('rst')
  })

  test('a drip is slow and whole', async () => {
    const started = performance.now()
    const reply = await ask({ kind: 'drip', bytes: 10, everyMs: 20 })
    expect(reply.body).toEqual(body)
    expect(performance.now() - started).toBeGreaterThan(150)
  })

  test.each(['close', 'chunked', 'length'] as const)('an endless body framed by %s goes on and on', async (framing) => {
    const reply = await ask({ kind: 'endlessBody', framing }, '', 2000)
    expect(reply.head).toContain({ close: 'Connection: close', chunked: 'chunked', length: '1099511627776' }[framing])
    expect(reply.body.length).toBeGreaterThan(1 << 20)
  })

  test('endless headers never come to the body', async () => {
    const reply = await ask({ kind: 'endlessHeaders' }, '', 2000)
    expect(reply.bytes.length).toBeGreaterThan(1 << 20)
    expect(reply.bytes.includes('\r\n\r\n')).toBe(false)
  })

  test('an endless body leaves other connections alone', async () => {
    await using right = await startRight([{ path: 'endless', fault: { kind: 'endlessBody' } }])
    const endless = get(`${right.upstream.url}endless`, (response) => response.resume().on('error', () => {}))
    endless.on('error', () => {})
    expect((await right.fetch('file')).body).toEqual(body)
  })
})

test('close cuts open connections and frees the port', async () => {
  await using right = await startRight([{ path: 'file', fault: { kind: 'silence' } }])
  const waiting = right.fetch('file')
  while (right.upstream.requests.length === 0) await new Promise(setImmediate)
  await right.upstream.close()
  await expect(waiting).rejects.toThrow('socket hang up')
  await expect(right.fetch('file')).rejects.toThrow('ECONNREFUSED')
})
