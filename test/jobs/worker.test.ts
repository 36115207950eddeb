import { type ChildProcess, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FromWorker, SyncOrder, ToWorker } from '../../src/jobs/messages.ts'
import { openState } from '../../src/store/state.ts'
import { fetchEdition } from '../../src/sync/fetchEdition.ts'
import { judgeOf } from '../../src/sync/trust/judge.ts'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { type Jobs, program, startJobs } from './syncing.ts'

const packages = ['alpha', 'beta', 'gamma'].map((name) => ({ name }))

describe('a worker process', () => {
  test('carries one order out, tells how it went and ends', async () => {
    await using jobs = await startJobs({ one: packages })
    const { messages, status } = await work(jobs)
    expect(messages.at(-1)).toEqual({
      type: 'done',
      answer: {
        result: 'published',
        generation: 1,
        packages: 3,
        added: 3,
        removed: 0,
        bytes: expect.any(Number),
        missing: [],
        unhashed: [],
      },
    })
    expect(messages.slice(0, -1).every(({ type }) => type === 'event')).toBe(true)
    expect(status).toBe(0)
  })

  test('tells a failure by its code, without a stack', async () => {
    await using jobs = await startJobs({ one: packages })
    jobs.upstream.rules.push({ path: /beta/, fault: { kind: 'status', status: 404 } })
    const { messages, status } = await work(jobs)
    const message = expect.stringContaining('HTTP status 404')
    expect(messages.at(-1)).toEqual({ type: 'failed', code: 'E_HTTP', message, stack: undefined })
    expect(status).toBe(0)
  })

  test('tells a bug with its stack', async () => {
    await using jobs = await startJobs({ one: packages })
    const { messages } = await work(jobs, {
      change: (order) => ({ ...order, repo: { ...order.repo, selection: undefined as never } }),
    })
    const stack = expect.stringMatching(/^TypeError: .*\n {4}at /)
    expect(messages.at(-1)).toMatchObject({ type: 'failed', code: undefined, stack })
  })

  test('stops when it is told to', async () => {
    await using jobs = await startJobs({ one: packages })
    jobs.upstream.rules.push({ path: /beta/, fault: { kind: 'silence' } })
    const { messages } = await work(jobs, { during: (child) => send(child, { type: 'stop' }) })
    expect(messages.at(-1)).toMatchObject({ type: 'failed', code: 'E_INTERRUPTED' })
  })

  test('stops at SIGTERM, and leaves SIGINT to its parent', async () => {
    await using jobs = await startJobs({ one: packages })
    jobs.upstream.rules.push({ path: /beta/, fault: { kind: 'delay', ms: 500 } })
    const first = await work(jobs, { during: (child) => child.kill('SIGINT') })
    expect(first.messages.at(-1)).toMatchObject({ type: 'done' })
    await jobs.offer('one', [{ name: 'beta', version: '2.0' }])
    jobs.upstream.rules.splice(0, 1, { path: /beta/, fault: { kind: 'silence' } })
    const second = await work(jobs, { during: (child) => child.kill('SIGTERM') })
    expect(second.messages.at(-1)).toMatchObject({ type: 'failed', code: 'E_INTERRUPTED' })
  })

  test('takes more connections while it runs', async () => {
    await using jobs = await startJobs({ one: Array.from({ length: 30 }, (_, i) => ({ name: `package${i}` })) })
    let running = 0
    let most = 0
    const before = async () => {
      running++
      most = Math.max(most, running)
      await sleep(30)
      running--
    }
    jobs.upstream.rules.push({ path: /\.rpm$/, fault: { kind: 'hook', before } })
    const { messages } = await work(jobs, {
      during: (child) => {
        expect(most).toBe(1)
        send(child, { type: 'connections', connections: 6, perSecond: undefined })
      },
      at: /package3/,
    })
    expect(messages.at(-1)).toMatchObject({ type: 'done' })
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(6)
  })
})

test('the word worker alone is no verb for a person', async () => {
  const child = fork(program, ['worker'], { stdio: 'pipe', execArgv: [] })
  child.disconnect()
  await once(child, 'exit')
  const { status, stderr } = spawnSync(process.execPath, [program, 'worker'], { encoding: 'utf8' })
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^E_USAGE: unknown command 'worker'.*\n$/)])
})

type Telling = {
  change?: (order: SyncOrder) => SyncOrder
  /** Done when the first package that `at` names is asked for. */
  during?: (child: ChildProcess) => void
  at?: RegExp
}

/** Has a worker sync the first repository, as its parent does; what it said, and its exit status. */
async function work(jobs: Jobs, { change = (order) => order, during, at = /beta/ }: Telling = {}) {
  const { repos, root, state: folder } = await jobs.config()
  const repo = repos[0]!
  const places = { root, state: folder }
  const state = openState(places, 'a test')
  const upstream = await openUpstream(repo, 1)
  const { signal } = new AbortController()
  const judge = judgeOf({ repo, row: 1, state, upstream, signal, notice: () => {} })
  const { bytes, validators, proof } = (await fetchEdition(upstream, {}, repo, signal, judge))!
  await upstream.close()
  const child = fork(program, ['worker'], { serialization: 'advanced', execArgv: [] })
  const messages: FromWorker[] = []
  child.on('message', (message: FromWorker) => messages.push(message))
  const meanwhile = { kind: 'hook', before: () => during?.(child) } as const
  const also = jobs.upstream.rules.flatMap(({ fault }) => fault)
  if (during !== undefined) jobs.upstream.rules.unshift({ path: at, times: 1, fault: [meanwhile, ...also] })
  const order = { type: 'sync', places, repo, edition: { bytes, validators, proof }, connections: 1 } as const
  send(child, change({ ...order, acceptShrink: false, overrides: undefined }))
  const [status] = (await once(child, 'exit')) as [number | null]
  state.close()
  return { messages, status }
}

function send(child: ChildProcess, message: ToWorker): void {
  child.send(message)
}
