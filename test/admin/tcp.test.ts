import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  answerOf,
  ask,
  type Installation,
  makeInstallation,
  type RunningDaemon,
} from '../daemon/running.ts'
import { makeAuthority } from '../helpers/authority.ts'
import { exchange } from '../helpers/exchange.ts'
import { judge } from '../helpers/judges.ts'

const token = 'canary-9f8e7d6c5b4a39281706f5e4d3c2b1a0'

/** An installation with the API on TCP, whose token is the canary. */
async function makeRemote(settings: Record<string, unknown> = {}): Promise<Installation> {
  const installed = await makeInstallation({ one: [{ name: 'alpha' }] })
  const file = installed.site.path('token')
  writeFileSync(file, `${token}\n`, { mode: 0o600 })
  await installed.configure({ admin_listen: '127.0.0.1:0', admin_token_file: file, ...settings })
  return installed
}

/** Where a daemon is asked on TCP. */
function placeOf({ output }: RunningDaemon): { host: string; port: number; url: string } {
  const url = / and (https?:\/\/\S+\/)$/m.exec(output.stderr)?.[1] ?? ''
  return { host: '127.0.0.1', port: Number(new URL(url).port), url }
}

describe('on TCP', () => {
  let installed: Installation
  let daemon: RunningDaemon
  beforeAll(async () => {
    installed = await makeRemote()
    daemon = await installed.start()
  })
  afterAll(async () => {
    await daemon[Symbol.asyncDispose]()
    await installed[Symbol.asyncDispose]()
  })

  const given = (headers: Record<string, string>, path = '/v1/jobs'): Promise<Answer> =>
    ask(placeOf(daemon), { path, headers })
  const admitted = { authorization: `Bearer ${token}` }

  test('whoever brings the token is answered', async () => {
    expect(await given(admitted)).toMatchObject({ status: 200, json: { jobs: [] } })
    expect((await given({ ...admitted, host: 'rebound.example.net' })).status).toBe(200)
  })

  test.each<Record<string, string>>([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-origin' },
  ])('a browser is not, token or not: %j', async (headers) => {
    const { status, headers: answered, json } = await given({ ...admitted, ...headers })
    expect([status, json]).toEqual([403, { error: { code: 'E_USAGE', message: 'this is no API for browsers' } }])
    expect(Object.keys(answered).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('nor is its preflight', async () => {
    const headers = { origin: 'http://evil.example', 'access-control-request-method': 'POST' }
    expect((await ask(placeOf(daemon), { method: 'OPTIONS', path: '/v1/sync', headers })).status).toBe(403)
  })

  // Of much more the server would not read the rest, so that a reset may overtake its answer.
  test('a token of 32 KiB is too long for a header', async () => {
    const { head } = await exchange(
      placeOf(daemon).url,
      `GET /v1/jobs HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ${'x'.repeat(2 ** 15)}\r\n\r\n`,
      2000,
    )
    expect(head).toMatch(/^HTTP\/1\.1 431 /)
  })

  test('whoever brings none or a wrong one gets one answer, and after ten of these nobody is listened to for a while', async () => {
    const wrong: Record<string, string>[] = [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: 'Bearer ' },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { authorization: `Bearer ${token}x` },
      { authorization: `bearer ${token.toUpperCase()}` },
      { authorization: `Basic ${btoa(`admin:${token}`)}` },
      { authorization: token },
      { cookie: `token=${token}`, 'x-token': token },
    ]
    const answers = []
    for (const headers of wrong) answers.push(await given(headers))
    const refusal = { error: { code: 'E_USAGE', message: 'a token is needed' } }
    expect(answers.map(({ status, json }) => [status, json])).toEqual(wrong.map(() => [401, refusal]))
    expect(answers[0]?.headers['www-authenticate']).toBe('Bearer')
    for (const headers of [{}, admitted]) {
      const { status, headers: answered } = await given(headers)
      expect([status, answered['retry-after']]).toEqual([429, '10'])
    }
    expect((await installed.ask('/v1/jobs')).status).toBe(200)
  })
})

describe('a daemon that could be asked by anybody does not start', () => {
  test.each([
    [
      'a token file that is not there',
      (file: string) => `${file}.gone`,
      /Cannot read the admin token in \S+: no such file/,
    ],
    ['a token that everybody may read', readable, /everybody may read or change \S+; run chmod o= on it$/m],
    ['a token that can be guessed', short, /holds no token; write one line of 16 or more printable characters/],
  ])('%s', async (_, spoil, message) => {
    await using installed = await makeRemote()
    const file = installed.site.path('token')
    await installed.configure({ admin_listen: '127.0.0.1:0', admin_token_file: spoil(file) })
    const { status, stderr } = await installed.mirror('daemon')
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)])
    expect(stderr).not.toContain(token)
  })
})

test('a certificate that cannot be read is found before anything listens', async () => {
  await using installed = await makeRemote({ admin_tls_cert: 'gone.crt', admin_tls_key: 'gone.key' })
  const { status, stderr } = await installed.mirror('daemon')
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^E_CONFIG: admin_tls_cert: cannot read \S+gone\.crt: /)])
})

function readable(file: string): string {
  chmodSync(file, 0o644)
  return file
}

function short(file: string): string {
  writeFileSync(file, 'secret\n')
  return file
}

test.skipIf(!judge('openssl'))('with a certificate it is HTTPS, to whoever trusts its authority', async () => {
  const authority = makeAuthority()
  const { cert, key } = authority.sign('admin')
  await using installed = await makeRemote({ admin_tls_cert: cert, admin_tls_key: key })
  await using daemon = await installed.start()
  const { host, port, url } = placeOf(daemon)
  expect(url).toMatch(/^https:/)
  const options: RequestOptions = {
    host,
    port,
    path: '/v1/jobs',
    headers: { authorization: `Bearer ${token}` },
    agent: false,
  }
  const answer = await answerOf(request({ ...options, ca: readFileSync(authority.ca) }).end())
  expect(answer.status).toBe(200)
  await expect(answerOf(request(options).end())).rejects.toThrow(/certificate/)
  const { head } = await exchange(url, 'GET /v1/jobs HTTP/1.1\r\nHost: h\r\n\r\n')
  expect(head).not.toContain('200')
})

test('a secret is told nowhere', async () => {
  await using installed = await makeRemote()
  await using daemon = await installed.start()
  const headers = { authorization: `Bearer ${token}` }
  const place = placeOf(daemon)
  installed.upstream.rules.push({
    path: /alpha/,
    fault: { kind: 'redirect', location: `http://user:${token}@127.0.0.1:1/` },
  })
  const synced = await installed.mirror('sync', '--json')
  const own = ['/status.json', '/metrics', '/', '/healthz', '/readyz'].map((path) =>
    fetch(new URL(path, daemon.url)).then((answer) => answer.text()),
  )
  const asked = ['/v1/status', '/v1/jobs', '/v1/jobs/1', '/v1/history/one', `/v1/${token.slice(0, 3)}`].map((path) =>
    ask(place, { path, headers }),
  )
  const reloaded = await ask(place, { method: 'POST', path: '/v1/reload', headers })
  daemon.child.kill('SIGTERM')
  const texts = [
    ...(await Promise.all(own)),
    ...(await Promise.all(asked)).map(({ text, headers: answered }) => text + JSON.stringify(answered)),
  ]
  const { stdout, stderr } = await daemon.ended
  for (const text of [...texts, reloaded.text, stdout, stderr, synced.stdout, synced.stderr])
    expect(text).not.toContain(token)
  expect(stderr).toContain('E_')
})
