import { describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import type { Fault } from '../helpers/upstream.ts'
import { content, failure, fetch, patientFor, startServer } from './fetching.ts'

describe('a file over HTTP', () => {
  test('comes with its status, its headers in lower case and every byte', async () => {
    await using server = await startServer({ kind: 'headers', set: { 'X-Twice': 'a', ETag: '"e"' } })
    await using http = patientFor(5000)
    const { heads, body } = await fetch(http, `${server.url}broken?x=1`)
    expect(body).toEqual(content)
    expect(heads).toHaveLength(1)
    expect(heads[0]).toMatchObject({ status: 200, url: new URL(`${server.url}broken?x=1`) })
    expect(heads[0]?.headers).toMatchObject({ 'content-length': '1000', etag: '"e"', 'x-twice': 'a' })
  })

  test('is asked for as itself, not encoded, by the user agent that was named', async () => {
    await using server = await startServer()
    await using http = patientFor(5000)
    await fetch(http, `${server.url}file?x=1`, { headers: { 'if-none-match': '"e"' } })
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/file?x=1' })
    expect(server.requests[0]?.headers).toMatchObject({
      'accept-encoding': 'identity',
      'user-agent': 'tester/1',
      'if-none-match': '"e"',
    })
  })

  test.each<[string, Fault | Fault[]]>([
    ['in chunks', { kind: 'chunked' }],
    ['without a length', { kind: 'noLength' }],
    ['slowly', { kind: 'drip', bytes: 250, everyMs: 20 }],
    ['marked as not encoded', { kind: 'headers', set: { 'Content-Encoding': 'identity' } }],
    ['after other headers', raw('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n')],
  ])('that is sent %s arrives whole', async (_, fault) => {
    await using server = await startServer(fault)
    await using http = patientFor(5000)
    const { heads, body } = await fetch(http, `${server.url}broken`)
    expect(heads.map(({ status }) => status)).toEqual([200])
    expect(body).toEqual(content)
  })

  test.each([304, 404, 416, 429, 503, 599, 600])('that answers %i is no error of the transport', async (status) => {
    await using server = await startServer({ kind: 'status', status, headers: { 'Retry-After': '5' } })
    await using http = patientFor(5000)
    const { heads } = await fetch(http, `${server.url}broken`)
    expect(heads).toMatchObject([{ status, headers: { 'retry-after': '5' } }])
  })

  test('keeps its status where its page is encoded against our will', async () => {
    await using server = await startServer([{ kind: 'status', status: 503, headers: { 'Content-Encoding': 'gzip' } }])
    await using http = patientFor(5000)
    expect((await fetch(http, `${server.url}broken`)).heads).toMatchObject([{ status: 503 }])
  })
})

function raw(head: string): Fault {
  return { kind: 'raw', bytes: Buffer.concat([Buffer.from(head), content]) }
}

/** Where a transfer breaks, and what of it the receiver may have seen. */
const broken: [string, Fault | Fault[], string, string, number][] = [
  ['is reset before an answer', { kind: 'reset' }, 'E_TRUNCATED', 'connection reset by the upstream', 0],
  ['is closed before an answer', { kind: 'reset', end: 'fin' }, 'E_TRUNCATED', 'connection closed by the upstream', 0],
  ['is never answered', { kind: 'silence' }, 'E_SLOW', 'no answer to the request', 0],
  ['stalls behind the head', { kind: 'stall' }, 'E_SLOW', 'the transfer stalled', 0],
  ['stalls in the body', { kind: 'stall', after: 400 }, 'E_SLOW', 'the transfer stalled', 400],
  [
    'is cut by a close',
    { kind: 'truncate', after: 400 },
    'E_TRUNCATED',
    'the body is not of the announced length|connection closed by the upstream',
    400,
  ],
  [
    'is cut by a reset',
    { kind: 'truncate', after: 400, end: 'rst' },
    'E_TRUNCATED',
    'connection reset by the upstream',
    400,
  ],
  ['is cut between chunks', { kind: 'chunked', cutAfter: 400 }, 'E_TRUNCATED', 'closed by the upstream', 400],
  ['is shorter than announced', { kind: 'wrongLength', by: 5 }, 'E_TRUNCATED', 'announced length|closed', 1000],
  ['has headers without end', { kind: 'endlessHeaders' }, 'E_LIMIT', 'more than 16 KiB of headers', 0],
  ['is encoded', { kind: 'gzip' }, 'E_ENCODING', 'sent with Content-Encoding: gzip, which was not asked for', 0],
  ['is no HTTP', rawText('220 ftp ready\r\n'), 'E_HTTP', 'not HTTP: Response does not match', 0],
  ['is HTTP/0.9', rawText('hello'), 'E_HTTP', 'not HTTP', 0],
  ['is TLS', rawText('\u0015\u0003\u0001\u0000\u0002\u0002\u0028'), 'E_HTTP', 'not HTTP', 0],
  ['has a status of one digit', rawText('HTTP/1.1 9 OK\r\n\r\n'), 'E_HTTP', 'not HTTP', 0],
  ['has a status below 100', rawText('HTTP/1.1 099 OK\r\n\r\n'), 'E_HTTP', 'not HTTP: an impossible status', 0],
  ['has a length that is no number', rawText('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'), 'E_HTTP', 'not HTTP', 0],
  [
    'has two lengths',
    rawText('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'),
    'E_TRUNCATED',
    'the body is not of the announced length',
    0,
  ],
  [
    'has a length and chunks',
    rawText('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    'E_TRUNCATED',
    'the body is not of the announced length',
    0,
  ],
  [
    'has a broken chunk',
    rawText('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n'),
    'E_HTTP',
    'not HTTP',
    0,
  ],
  [
    'wants another protocol',
    rawText('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
    'E_TRUNCATED',
    'connection closed by the upstream',
    0,
  ],
]

function rawText(text: string): Fault {
  return { kind: 'raw', bytes: Buffer.from(text, 'latin1') }
}

describe('a transfer', () => {
  test.concurrent.each(broken)('that %s fails as what it is', async (_, fault, code, message, bytes) => {
    await using server = await startServer(fault)
    await using http = patientFor(500)
    const fetched = { heads: [], body: Buffer.alloc(0) }
    const error = await failure(fetch(http, `${server.url}broken`, { fetched }))
    expect(error).toBeInstanceOf(MirrorError)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
    expect(fetched.body.length).toBeLessThanOrEqual(bytes)
    expect(content.subarray(0, fetched.body.length)).toEqual(fetched.body)
  })

  test('ends at the announced length, whatever follows, and the next one does not see it', async () => {
    await using server = await startServer({ kind: 'wrongLength', by: -5 })
    await using http = patientFor(5000)
    expect((await fetch(http, `${server.url}broken`)).body).toEqual(content.subarray(0, -5))
    expect((await fetch(http, `${server.url}file`)).body).toEqual(content)
  })

  test('that fails leaves the next one unharmed', async () => {
    await using server = await startServer({ kind: 'reset' })
    await using http = patientFor(5000)
    await failure(fetch(http, `${server.url}broken`))
    expect((await fetch(http, `${server.url}file`)).body).toEqual(content)
  })

  test('is ended by what the receiver throws, which is its error', async () => {
    await using server = await startServer({ kind: 'endlessBody' })
    await using http = patientFor(5000)
    const refusal = new MirrorError('E_SIZE', 'too long')
    for (const place of ['head', 'data'] as const) {
      const receiver = {
        head: () => {},
        data: () => {},
        [place]: () => {
          throw refusal
        },
      }
      const attempt = http({ url: new URL(`${server.url}broken`), signal: new AbortController().signal }, receiver)
      expect(await failure(attempt)).toBe(refusal)
    }
  })

  test('ends when its signal says so, with the reason of the signal', async () => {
    await using server = await startServer({ kind: 'stall', after: 400 })
    await using http = patientFor(60_000)
    const stop = new AbortController()
    const attempt = failure(fetch(http, `${server.url}broken`, { signal: stop.signal }))
    const reason = new MirrorError('E_INTERRUPTED', 'stopped')
    setTimeout(() => stop.abort(reason), 100)
    expect(await attempt).toBe(reason)
    expect(await failure(fetch(http, `${server.url}file`, { signal: stop.signal }))).toBe(reason)
  })

  test('that waits for its turn ends when its signal says so, too', async () => {
    await using server = await startServer({ kind: 'stall' })
    await using http = patientFor(60_000)
    const [first, second] = [new AbortController(), new AbortController()]
    const running = failure(fetch(http, `${server.url}broken`, { signal: first.signal }))
    const waiting = failure(fetch(http, `${server.url}file`, { signal: second.signal }))
    second.abort('no longer')
    first.abort('enough')
    expect(await running).toBe('enough')
    expect(await waiting).toBe('no longer')
    expect(server.requests.map(({ path }) => path)).not.toContain('/file')
  })
})

describe('an upstream that cannot be reached', () => {
  test.each([
    ['http://127.0.0.1:1/', 'connection refused'],
    // A label of 64 letters is refused before any name server is asked.
    [`http://${'a'.repeat(64)}.invalid/`, 'the host name (is unknown|cannot be looked up now)'],
  ])('%s fails with the reason', async (url, message) => {
    await using http = patientFor(5000)
    expect(await failure(fetch(http, url))).toMatchObject({
      code: 'E_CONNECT',
      message: expect.stringMatching(`^${message}$`),
    })
  })
})

test('there are never more connections than allowed', async () => {
  await using server = await startServer({ kind: 'delay', ms: 30 })
  await using http = patientFor(5000, 2)
  let open = 0
  let most = 0
  server.rules.unshift({
    path: 'file',
    fault: {
      kind: 'hook',
      before: async () => {
        most = Math.max(most, ++open)
        await new Promise((resolve) => setTimeout(resolve, 20))
        open--
      },
    },
  })
  await Promise.all(Array.from({ length: 8 }, () => fetch(http, `${server.url}file`)))
  expect(most).toBe(2)
})
