import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream, randomOf } from './growing.ts'

const kills = Number(process.env.MIRROR_KILLS ?? 200)
const seed = Number(process.env.MIRROR_SEED ?? Date.now() % 1_000_000)

/**
 * Runs are killed in four lanes at once: half of a run's time is waiting for its processes to start.
 */
const lanes = 4

test(`after ${kills} kills at random times the tree is whole and the next run just works (seed ${seed})`, async () => {
  const each = Array.from({ length: lanes }, (_, lane) => killRepeatedly(seed + lane, Math.ceil(kills / lanes)))
  const problems = (await Promise.all(each)).flat()
  expect(problems).toEqual([])
}, 600_000)

async function killRepeatedly(laneSeed: number, count: number): Promise<string[]> {
  await using mirrored = await mirroredSite()
  const { dir, tree } = mirrored
  const random = randomOf(laneSeed)
  const problems: string[] = []
  let longest = 600
  for (let round = 0; round < count; round++) {
    await moveUpstream(dir, round)
    await killAfter(random() * longest, mirrored)
    if (existsSync(`${tree}/repodata/repomd.xml`))
      problems.push(...(await mirrored.check()).problems.map((problem) => `round ${round}, after the kill: ${problem}`))
    if (round % 5 !== 4) continue
    const run = await mirrored.sync()
    longest = Math.min(2000, run.durationMs)
    if (run.status !== 0) problems.push(`round ${round}, next run: ${run.stderr}`)
    problems.push(...(await mirrored.check()).problems.map((problem) => `round ${round}, next run: ${problem}`))
  }
  return problems
}

/** Starts a run and kills it, its worker first or last; a run that was faster has ended by itself. */
async function killAfter(ms: number, mirrored: Awaited<ReturnType<typeof mirroredSite>>): Promise<void> {
  await using running = mirrored.startSync()
  await Promise.race([sleep(ms), running.ended])
  running.child.kill('SIGKILL')
  await running.ended
}

test('what a killed run has fetched is not fetched again', async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream } = mirrored
  await moveUpstream(dir, 0, 40)
  upstream.rules.push({ path: /moves-5/, fault: { kind: 'silence' } })
  {
    await using running = mirrored.startSync()
    const deadline = Date.now() + 20_000
    while (upstream.requests.length < 44 && Date.now() < deadline) await sleep(50)
    await sleep(200)
    running.child.kill('SIGKILL')
    await running.ended
  }
  const fetched = mirrored.asked().filter((path) => path.endsWith('.rpm') && !path.includes('moves-5'))
  upstream.rules.length = 0
  expect((await mirrored.sync()).status).toBe(0)
  const again = mirrored.asked().filter((path) => path.endsWith('.rpm'))
  expect(fetched.length).toBeGreaterThan(30)
  expect(again.filter((path) => fetched.includes(path))).toEqual([])
  expect((await mirrored.check()).problems).toEqual([])
})

test('a worker that outlives its killed parent is waited for, and nothing it leaves is broken', async () => {
  await using mirrored = await mirroredSite()
  await moveUpstream(mirrored.dir, 0, 400)
  await using first = mirrored.startSync()
  await first.says(/fetching/)
  first.child.kill('SIGKILL')
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
})
