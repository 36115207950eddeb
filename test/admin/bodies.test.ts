import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  type Installation,
  jobsOf,
  makeInstallation,
  type RunningDaemon,
  until,
} from '../daemon/running.ts'

let installed: Installation
let daemon: RunningDaemon

/** What is asked of a running daemon over its socket. */
beforeAll(async () => {
  installed = await makeInstallation({ one: [{ name: 'alpha' }], slow: [{ name: 'beta' }] })
  daemon = await installed.start()
})

afterAll(async () => {
  await daemon[Symbol.asyncDispose]()
  await installed[Symbol.asyncDispose]()
})

function sync(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return installed.ask({ method: 'POST', path: '/v1/sync', body, headers })
}

describe('a body that is not understood is refused with the field that is wrong', () => {
  test.each<[string, unknown, string | RegExp]>([
    ['no JSON', '{"repos": [', /^the body is no JSON: /],
    ['a list', [], /^the body: Invalid input/],
    ['null', 'null', /^the body: Invalid input/],
    ['an unknown field', { repo: ['one'] }, 'repo: unknown field'],
    ['repositories that are no list', { repos: 'one' }, /^repos: Invalid input/],
    ['a repository that is no text', { repos: ['one', 2] }, /^repos\.1: Invalid input/],
    ['a switch that is text', { newestOnly: 'yes' }, /^newestOnly: Invalid input/],
    ['arches that are no list', { arch: 'x86_64' }, /^arch: Invalid input/],
    ['no arch at all, which would leave noarch alone', { arch: [] }, /^arch: Invalid input/],
    ['a glob of 60,000 characters', { repos: ['[!'.repeat(30_000)] }, /^repos\.0: Invalid input/],
    ['a field twice', '{"source": true, "repos": ["one"], "repos": []}', /^the body has a field twice: /],
    ['__proto__', '{"__proto__": {"acceptShrink": true}}', /^__proto__: unknown field/],
    ['constructor', '{"constructor": {"prototype": {}}}', 'constructor: unknown field'],
    [
      'lists in lists',
      `{"repos": ${'['.repeat(25_000)}${']'.repeat(25_000)}}`,
      /^(repos\.0: Invalid input|the body is nested too deeply)/,
    ],
    [
      'objects in objects',
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      /^(a: unknown field|the body is nested too deeply)/,
    ],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'the body is no UTF-8'],
  ])('%s', async (_, body, message) => {
    const { status, json } = await sync(body)
    const expected = typeof message === 'string' ? message : expect.stringMatching(message)
    expect({ status, json }).toEqual({ status: 400, json: { error: { code: 'E_USAGE', message: expected } } })
  })

  test('an arch that does not exist', async () => {
    const { status, json } = await sync({ arch: ['pdp11'] })
    expect([status, json.error.message]).toEqual([400, expect.stringContaining('no such arch')])
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', ''])('as %j', async (type) => {
    const { status, json } = await sync('{}', { 'content-type': type })
    expect([status, json.error.message]).toEqual([415, 'the body must be application/json'])
  })

  test('100 MiB, without reading them', async () => {
    const { status, json, headers } = await sync('x'.repeat(2 ** 17), { 'content-length': String(100 * 2 ** 20) })
    expect([status, json.error.message, headers.connection]).toEqual([
      413,
      'the body is longer than 65536 bytes',
      'close',
    ])
  })

  test('and nothing came of any of them', async () => {
    expect(await jobsOf(installed)).toEqual([])
  })
})

describe('a path that is not there', () => {
  test.each([
    ['/', 404],
    ['/v1', 404],
    ['/v1/jobs/', 404],
    ['/v1/jobs/../x', 404],
    ['/v1/jobs/..', 400],
    ['/v1/jobs/%2e%2e', 400],
    ['/v1/jobs/%2e', 400],
    ['/v1/jobs/..%2fx', 400],
    ['/v1/jobs/%zz', 400],
    ['/v1/jobs/0', 400],
    ['/v1/jobs/1e3', 400],
    ['/v1/jobs/-1', 400],
    ['/v1/jobs/99999999999999999999', 400],
    ['/v1/jobs/999999', 404],
    ['/v1/history/..%2f..%2fetc%2fpasswd', 404],
    ['/v1/history/one?limit=0', 400],
    ['/v1/history/one?limit=1%00', 400],
    ['/metrics', 404],
    [`/v1/history/${'x'.repeat(10_000)}`, 404],
  ])('%s', async (path, status) => {
    const answer = await installed.ask(path)
    expect([answer.status, answer.json.error.code]).toEqual([status, 'E_USAGE'])
  })

  test.each([
    ['PUT', '/v1/jobs', 'GET'],
    ['POST', '/v1/jobs/1', 'GET, DELETE'],
    ['GET', '/v1/sync', 'POST'],
    ['OPTIONS', '/v1/reload', 'POST'],
  ])('for %s %s: it says what it takes', async (method, path, allow) => {
    const { status, headers } = await installed.ask({ method, path })
    expect([status, headers.allow]).toEqual([405, allow])
  })
})

describe('what is asked for', () => {
  test('runs: the jobs are told, and how they ended', async () => {
    const { status, json } = await sync({ repos: ['one'] })
    expect(status).toBe(202)
    const [{ id }] = json.jobs
    const ended = await until(async () => {
      const { json: job } = await installed.ask(`/v1/jobs/${id}`)
      return job.state === 'ended' && job
    })
    expect(ended).toMatchObject({ repo: 'one', asker: 'operator', overrides: null })
    expect(ended.outcome).toMatchObject({ result: 'published', generation: 1, packages: 1 })
  })

  test('a repository that is not there is refused by name', async () => {
    for (const path of ['/v1/sync', '/v1/plan']) {
      const { status, json } = await installed.ask({ method: 'POST', path, body: { repos: ['absent'] } })
      const message = expect.stringMatching(/^no repository absent in \S+; it has one, slow$/)
      expect([status, json]).toEqual([404, { error: { code: 'E_USAGE', message } }])
    }
    expect((await installed.ask('/v1/history/absent')).status).toBe(404)
  })

  test('twice is one run beside the one that is under way, with other options it is refused', async () => {
    installed.upstream.rules.push({ path: /^\/slow\/.*repomd/, fault: { kind: 'silence' } })
    const ask = async (...repos: string[]) => (await sync({ repos })).json.jobs[0].id as number
    const first = await ask('slow')
    await until(async () => (await jobsOf(installed)).some(({ id, state }) => id === first && state === 'running'))
    const ids = [first, await ask('slow'), await ask('sl*')]
    expect(new Set(ids).size).toBe(2)
    const { status, json } = await sync({ repos: ['slow'], newestOnly: true })
    const message = `a run with other options waits already, as job ${ids[1]}; wait for it, or mirror cancel ${ids[1]}`
    expect([status, json]).toEqual([409, { error: { code: 'E_BUSY', message } }])
  })

  test('two hundred times at once is still no more than that', async () => {
    const before = (await jobsOf(installed)).length
    const answers = await Promise.all(Array.from({ length: 200 }, () => sync({ repos: ['slow'] })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]))
    expect((await jobsOf(installed)).length).toBe(before)
  })

  test('is cancelled, running or waiting, once', async () => {
    installed.upstream.rules.length = 0
    const jobs = (await jobsOf(installed)).filter(({ state }) => state !== 'ended')
    expect(jobs.map(({ state }) => state)).toEqual(['running', 'queued'])
    for (const { id } of jobs.toReversed()) {
      const { status, json } = await installed.ask({ method: 'DELETE', path: `/v1/jobs/${id}` })
      expect([status, json.id]).toEqual([202, id])
    }
    const [{ id } = { id: 0 }] = jobs
    const { outcome } = await until(async () => (await jobsOf(installed)).find((job) => job.id === id && job.outcome))
    expect(outcome?.error?.code).toBe('E_INTERRUPTED')
    const again = await installed.ask({ method: 'DELETE', path: `/v1/jobs/${id}` })
    expect([again.status, again.json.error]).toEqual([409, { code: 'E_USAGE', message: `job ${id} has ended already` }])
  })
})

describe('whoever follows a sync', () => {
  const accept = { accept: 'application/x-ndjson' }

  test('is told of everything, a line each, until all has ended', async () => {
    await installed.offer('one', [{ name: 'alpha', version: '2.0' }])
    const { status, headers, text } = await sync({ repos: ['one'] }, accept)
    expect([status, headers['content-type']]).toEqual([200, 'application/x-ndjson'])
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    const states = lines.filter(({ type }) => type === 'job').map(({ job }) => job.state)
    expect([states[0], states.at(-1)]).toEqual([expect.stringMatching(/queued|running/), 'ended'])
    expect(lines.filter(({ type }) => type === 'event').map(({ event }) => event.type)).toContain('progress')
    expect(lines.at(-1).job.outcome).toMatchObject({ result: 'published', generation: 2 })
  })

  test('is told that a run with nothing to do has ended, too', async () => {
    const lines = (await sync({ repos: ['one'] }, accept)).text.trimEnd().split('\n')
    expect(JSON.parse(lines.at(-1) ?? '').job.outcome.result).toBe('unchanged')
  })
})
