import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import type { Upstream } from '../helpers/upstream.ts'
import { listing } from '../sync/faults/listing.ts'
import { startJobs } from './syncing.ts'
import { ended, openFilesOf, workersOf } from './workers.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))
const endless = { kind: 'stall', after: 300 } as const

test('a worker that is killed fails its repository alone, and the next run goes on', async () => {
  await using jobs = await startJobs({ one: packages, two: [{ name: 'gamma' }] })
  jobs.upstream.rules.push({ path: /^\/one\/.*beta/, times: 1, fault: endless })
  const run = jobs.run()
  await until(() => wasRequested(jobs.upstream, /beta/) && existsSync(join(jobs.site.root, 'two/repodata/repomd.xml')))
  process.kill((await workersOf(process.pid, 1)).find(holdsPart) as number, 'SIGKILL')
  expect(await run).toEqual({
    one: 'E_WORKER one: the process that synced it ended early, by SIGKILL',
    two: 'published',
  })
  expect(await jobs.run()).toEqual({ one: 'published', two: 'unchanged' })
  expect(readdirSync(join(jobs.site.state, 'tmp'))).toEqual(['left'])
})

test('a file that a killed worker was fetching is fetched by the one that waits for it', async () => {
  const shared = { name: 'shared', href: 'Packages/s/shared.rpm' }
  await using jobs = await startJobs({ one: [shared], two: [shared] })
  jobs.upstream.rules.push({ path: /shared\.rpm/, times: 1, fault: endless })
  const stop = new AbortController()
  const run = jobs.run({}, { signal: stop.signal })
  await until(() => wasRequested(jobs.upstream, /shared\.rpm/))
  process.kill((await workersOf(process.pid, 2)).find(holdsPart) as number, 'SIGKILL')
  const giveUp = setTimeout(() => stop.abort(new Error('the other one waits for ever')), 20_000)
  const outcomes = Object.values(await run).sort()
  clearTimeout(giveUp)
  expect(outcomes).toEqual([expect.stringMatching(/^E_WORKER /), 'published'])
})

test('C6: a worker whose heap is too small says what to raise', async () => {
  await using jobs = await startJobs({ one: packages })
  expect(await jobs.run()).toEqual({ one: 'published' })
  await jobs.offer('one', [...packages, { name: 'gamma' }])
  const tree = join(jobs.site.root, 'one')
  const before = await listing(tree)
  const config = { ...(await jobs.config()), workerHeapMb: 5 }
  const { one } = await jobs.run({}, { config })
  const hint = 'its heap was full: raise worker_heap'
  expect(one).toBe(`E_WORKER one: the process that synced it ended early, by SIGABRT; ${hint}`)
  expect(await listing(tree)).toEqual(before)
})

test('a program that cannot be run is one line', async () => {
  await using jobs = await startJobs({ one: packages })
  const { one } = await jobs.run({}, { program: join(jobs.site.dir, 'absent.js') })
  expect(one).toBe('E_WORKER one: the process that synced it ended early, with status 1')
})

test('a worker ends when its parent is killed, and leaves what a new run can go on with', async () => {
  await using jobs = await startJobs({ one: packages })
  await jobs.config()
  jobs.upstream.rules.push({ path: /beta/, times: 1, fault: endless })
  await using program = spawnMirror(['sync', '-c', jobs.site.configFile])
  await until(() => wasRequested(jobs.upstream, /beta/))
  const [worker = 0] = await workersOf(program.child.pid as number, 1)
  program.child.kill('SIGKILL')
  await ended(worker)
  expect(await jobs.run()).toEqual({ one: 'published' })
  expect((await checkTree(join(jobs.site.root, 'one'))).problems).toEqual([])
})

function wasRequested({ requests }: Upstream, path: RegExp): boolean {
  return requests.some((request) => path.test(request.path))
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10)
}

function holdsPart(pid: number): boolean {
  return openFilesOf(pid).some((file) => file.endsWith('.part'))
}
