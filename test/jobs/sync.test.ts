import { existsSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { openDatabase } from '../../src/store/database.ts'
import { findRepo } from '../../src/store/generations.ts'
import { lastRuns } from '../../src/store/runs.ts'
import { databasePath } from '../../src/store/state.ts'
import { checkTree } from '../helpers/checker.ts'
import { type Jobs, startJobs } from './syncing.ts'
import { ended, workersOf } from './workers.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))

test('repositories are synced in parallel, each in a process of its own that yields to others', async () => {
  await using jobs = await startJobs({ one: packages, two: [{ name: 'gamma' }] })
  const both = Promise.withResolvers<void>()
  let arrived = 0
  const waits = { kind: 'hook', before: () => (++arrived === 2 ? both.resolve() : both.promise) } as const
  jobs.upstream.rules.push({ path: /filelists/, fault: waits })
  const run = jobs.run()
  const workers = await workersOf(process.pid, 2)
  const niceness = workers.map((pid) => getPriority(pid) - getPriority())
  expect(await run).toEqual({ one: 'published', two: 'published' })
  expect(niceness).toEqual([10, 10])
  expect((await checkTree(join(jobs.site.root, 'one'))).problems).toEqual([])
  expect((await checkTree(join(jobs.site.root, 'two'))).problems).toEqual([])
  await Promise.all(workers.map(ended))
})

test('K6: a package that five repositories share is fetched once while they sync at once', async () => {
  const shared = { name: 'shared', href: 'Packages/s/shared.rpm' }
  const ids = ['one', 'two', 'three', 'four', 'five']
  await using jobs = await startJobs(Object.fromEntries(ids.map((id) => [id, [shared]])))
  jobs.upstream.rules.push({ path: /shared\.rpm/, fault: { kind: 'delay', ms: 1500 } })
  expect(await jobs.run()).toEqual(Object.fromEntries(ids.map((id) => [id, 'published'])))
  expect(requestsFor(jobs, 'shared.rpm')).toBe(1)
  for (const id of ids) expect((await checkTree(join(jobs.site.root, id))).problems).toEqual([])
})

test('a failure of one repository leaves the others alone, and each run is remembered', async () => {
  await using jobs = await startJobs({ good: packages, bad: packages.map(({ name }) => ({ name, version: '2.0' })) })
  jobs.upstream.rules.push({ path: /^\/bad\/.*beta/, fault: { kind: 'status', status: 403 } })
  const outcome = await jobs.run()
  const line = `E_HTTP bad: Cannot fetch beta-2.0-1.x86_64 from ${jobs.upstream.url}bad/Packages/b/beta-2.0-1.x86_64.rpm: HTTP status 403 (forbidden)`
  expect(outcome).toEqual({ good: 'published', bad: line })
  expect(runsOf(jobs, 'good')).toMatchObject([{ result: 'published', added: 2, removed: 0, message: undefined }])
  expect(runsOf(jobs, 'bad')).toMatchObject([{ result: 'failed', message: line, bytes: 0 }])
})

describe('a run with nothing to do', () => {
  test('starts no process', async () => {
    await using jobs = await startJobs({ one: packages, two: packages })
    await jobs.run()
    jobs.events.length = 0
    // A program that is not there would fail whoever started it.
    expect(await jobs.run({}, { program: '/nonexistent' })).toEqual({ one: 'unchanged', two: 'unchanged' })
    expect(jobs.events).toEqual([])
    expect(runsOf(jobs, 'one')).toMatchObject([{ result: 'unchanged', added: 0 }, { result: 'published' }])
  })
})

test('no more repositories are synced at once than there are workers', async () => {
  await using jobs = await startJobs({ one: packages, two: [{ name: 'gamma' }], three: [{ name: 'delta' }] })
  let running = 0
  let most = 0
  const count = (more: number) => {
    const before = () => {
      running += more
      most = Math.max(most, running)
    }
    return { kind: 'hook', before } as const
  }
  jobs.upstream.rules.push({ path: /primary/, fault: count(1) }, { path: /(beta|gamma|delta).*rpm$/, fault: count(-1) })
  const outcome = await jobs.run({ workers: 1 })
  expect([Object.values(outcome), most]).toEqual([['published', 'published', 'published'], 1])
})

test('progress is told stage by stage, each once at least', async () => {
  await using jobs = await startJobs({ one: packages })
  await jobs.run()
  const stages = jobs.events.flatMap((event) => (event.type === 'progress' ? [event.progress.stage] : []))
  expect([...new Set(stages)]).toEqual(['metadata', 'packages', 'repodata', 'publish'])
  expect(jobs.events.every(({ repo }) => repo === 'one')).toBe(true)
})

test('files that no generation needs any more go when all repositories are done', async () => {
  await using jobs = await startJobs({ one: packages })
  const settings = { defaults: { retain: 0, retries: 1 } }
  await jobs.run(settings)
  await jobs.offer('one', [{ name: 'alpha', version: '2.0' }])
  await jobs.run(settings)
  const { packages: shown, problems } = await checkTree(join(jobs.site.root, 'one'))
  expect([problems, shown.map(({ href }) => href)]).toEqual([[], ['Packages/a/alpha-2.0-1.x86_64.rpm']])
  expect(existsSync(join(jobs.site.root, 'one/Packages/a/alpha-1.0-1.x86_64.rpm'))).toBe(false)
})

test('a run that is stopped is remembered as interrupted, and what has not begun does not begin', async () => {
  await using jobs = await startJobs({ one: packages, two: packages })
  const stop = new AbortController()
  const fault = { kind: 'hook', before: () => stop.abort(new MirrorError('E_INTERRUPTED', 'stopped')) } as const
  jobs.upstream.rules.push({ path: /primary/, fault: [fault, { kind: 'delay', ms: 20_000 }] })
  const outcome = await jobs.run({ workers: 1 }, { signal: stop.signal })
  expect(outcome).toEqual({
    one: 'E_INTERRUPTED one: stopped before it was done; finished downloads are kept',
    two: 'E_INTERRUPTED two: stopped',
  })
  expect(runsOf(jobs, 'one')).toMatchObject([{ result: 'interrupted' }])
})

function requestsFor({ upstream }: Jobs, name: string): number {
  return upstream.requests.filter(({ path }) => path.endsWith(name)).length
}

function runsOf({ site }: Jobs, path: string) {
  const database = openDatabase(databasePath(site.state))
  try {
    return lastRuns(database, findRepo(database, path) as number, 10)
  } finally {
    database.close()
  }
}
