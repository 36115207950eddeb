import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { children } from './memory.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'

const packages = ['alpha', 'beta', 'gamma', 'stuck'].map((name) => ({ name }))

/** Starts a sync whose last package does not come, and waits until all the others have. */
async function stuckSync(mirrored: MirroredSite) {
  await makeRepository(mirrored.dir, packages)
  const arrived = Promise.withResolvers<void>()
  mirrored.upstream.rules.push({
    path: /stuck/,
    fault: [{ kind: 'hook', before: () => arrived.resolve() }, { kind: 'stall' }],
  })
  const running = mirrored.startSync()
  await arrived.promise
  while (mirrored.upstream.requests.filter(({ path, status }) => path.endsWith('.rpm') && status === 200).length < 3)
    await sleep(10)
  await sleep(100)
  return running
}

/** How the last run ended, by `mirror status`. */
async function lastRun({ site }: MirroredSite): Promise<string> {
  const { stdout } = await runMirror(['status', '--json', '-c', site.configFile])
  return (JSON.parse(stdout) as { repos: { lastRun: { result: string } }[] }).repos[0]?.lastRun.result ?? 'none'
}

/** The next run succeeds and asks for no package but those that had not come. */
async function goesOn(mirrored: MirroredSite, missing = ['Packages/s/stuck-1.0-1.x86_64.rpm']): Promise<void> {
  mirrored.upstream.rules.length = 0
  mirrored.asked()
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(mirrored.asked().filter((path) => path.endsWith('.rpm'))).toEqual(missing)
  expect((await mirrored.check()).problems).toEqual([])
}

test('K1: a second sync is refused at once and told who holds the state', async () => {
  await using mirrored = await mirroredSite({ timeout: 30 })
  await using first = await stuckSync(mirrored)
  const second = await mirrored.sync()
  expect(second.status).toBe(3)
  const holder = `is held by process ${first.child.pid} since \\d{4}-\\S+Z, doing sync of repo`
  expect(second.stderr).toMatch(new RegExp(`^E_BUSY: ${mirrored.site.state} ${holder}; wait for it or stop it$`, 'm'))
  expect(second.durationMs).toBeLessThan(5000)
  expect(first.child.exitCode).toBe(null)
})

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)(
  'C4: %s ends a sync with %i; the run counts as interrupted and the next one goes on',
  async ([signal, status]) => {
    await using mirrored = await mirroredSite({ timeout: 30 })
    await using running = await stuckSync(mirrored)
    running.child.kill(signal)
    const ended = await running.ended
    expect(ended).toMatchObject({ status, signal: null })
    expect(ended.stderr).toMatch(
      /^E_INTERRUPTED repo: stopped .*; finished downloads are kept; nothing is served yet$/m,
    )
    expect(await lastRun(mirrored)).toBe('interrupted')
    await goesOn(mirrored)
  },
)

test('C4: Ctrl-C, which reaches every process of the group, does the same', async () => {
  await using mirrored = await mirroredSite({ timeout: 30 })
  await using running = await stuckSync(mirrored)
  const pid = running.child.pid as number
  for (const one of [...children(pid), pid]) process.kill(one, 'SIGINT')
  expect(await running.ended).toMatchObject({ status: 130 })
  expect(await lastRun(mirrored)).toBe('interrupted')
  await goesOn(mirrored)
})

test('K6, C6: kill -9 of a worker fails its repo alone; another that waits for the same file fetches it itself', async () => {
  await using mirrored = await mirroredSite()
  const { site, upstream } = mirrored
  await makeRepository(site.path('other'), packages)
  const other = { baseurl: `file://${site.path('other')}` }
  await site.writeConfig({ workers: 1, repos: { repo: { baseurl: upstream.url, timeout: 30 }, other } })
  await using running = await stuckSync(mirrored)
  const [worker] = children(running.child.pid as number)
  process.kill(worker as number, 'SIGKILL')
  const { status, stderr, stdout } = await running.ended
  expect(status).toBe(1)
  expect(stderr).toContain('E_WORKER repo: the process that synced it ended early, by SIGKILL; nothing is served yet\n')
  expect(stdout).toMatch(/^other .* generation 1$/m)
  expect((await checkTree(site.path('root/other'))).problems).toEqual([])
  await goesOn(mirrored, [])
})

test('K2: a worker that outlives its killed parent is waited for, and cannot publish over the next run', async () => {
  await using mirrored = await mirroredSite({ timeout: 30 })
  await using running = await stuckSync(mirrored)
  const [worker] = children(running.child.pid as number)
  process.kill(worker as number, 'SIGSTOP')
  const killed = once(running.child, 'exit')
  running.child.kill('SIGKILL')
  await killed
  const next = mirrored.startSync()
  await sleep(1000)
  expect(next.child.exitCode).toBe(null)
  process.kill(worker as number, 'SIGCONT')
  mirrored.upstream.rules.length = 0
  expect(await next.ended).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
})

test('K2: kill -9 of the whole program frees the state at once', async () => {
  await using mirrored = await mirroredSite({ timeout: 30 })
  await using running = await stuckSync(mirrored)
  running.child.kill('SIGKILL')
  await running.ended
  await goesOn(mirrored)
})
