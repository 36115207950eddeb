import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { usedBudget } from '../../src/status/budget.ts'
import { repoRow } from '../../src/store/generations.ts'
import { type RunRecord, recordRun } from '../../src/store/runs.ts'
import { openNewDatabase } from '../store/opened.ts'
import { hour, minute, now } from './history.ts'

type Run = Pick<RunRecord, 'at' | 'milliseconds' | 'result'>

/** What the runs have used of a budget, in hours. */
async function used(runs: readonly Run[], withinMs: number): Promise<[missed: number, over: number]> {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  for (const run of runs) recordRun(database, repo, { message: undefined, added: 0, removed: 0, bytes: 0, ...run })
  const { missedMs, overMs } = usedBudget(database, repo, withinMs, now)
  return [missedMs / hour, overMs / hour]
}

/** A run that began so many hours ago and took no time, unless told otherwise. */
function ago(hours: number, result: Run['result'] = 'unchanged', took = 0): Run {
  return { at: now - hours * hour, milliseconds: took * hour, result }
}

test('without a run nothing is used of nothing', async () => {
  expect(await used([], hour)).toEqual([0, 0])
})

test('runs that are close enough use nothing, however many', async () => {
  const runs = Array.from({ length: 100 }, (_, i) => ago(100 - i))
  expect(await used(runs, hour)).toEqual([0, 100])
})

test('what a gap is longer than allowed is used, until the run that ends it has ended', async () => {
  expect(await used([ago(50), ago(40), ago(10, 'published', 2), ago(3)], 12 * hour)).toEqual([20, 50])
})

test('no time is used twice where runs take longer than allowed', async () => {
  expect(await used([ago(10), ago(8, 'published', 5), ago(2)], hour)).toEqual([8, 10])
})

test('failed and interrupted runs end no gap', async () => {
  expect(await used([ago(50), ago(30, 'failed'), ago(20, 'interrupted'), ago(5)], 26 * hour)).toEqual([19, 50])
})

test('an age that is too high now is used up to now', async () => {
  expect(await used([ago(30)], 26 * hour)).toEqual([4, 30])
})

test('a repository that never succeeded is late when as much time has gone since its first run', async () => {
  expect(await used([ago(30, 'failed'), ago(2, 'failed')], 26 * hour)).toEqual([4, 30])
})

test('only the last 30 days count, and a success from before them does', async () => {
  expect(await used([ago(30 * 24 + 20), ago(29 * 24), ago(1)], 30 * 24 * hour)).toEqual([0, 720])
  expect(await used([ago(30 * 24 + 20), ago(30 * 24 - 20), ...hourly(30 * 24 - 20)], 26 * hour)).toEqual([14, 720])
})

test('a run of the future, from before a clock was set back, harms nothing', async () => {
  expect(await used([ago(-5)], hour)).toEqual([0, 0])
  expect(await used([ago(10), ago(-5)], hour)).toEqual([9, 10])
})

function hourly(from: number): Run[] {
  return Array.from({ length: from }, (_, i) => ago(from - i - 1))
}

test('any history comes to what counting its minutes one by one comes to', async () => {
  const result = fc.constantFrom('published', 'unchanged', 'failed', 'interrupted')
  const run = fc.record({ wait: fc.nat(300), took: fc.nat(60), result })
  await fc.assert(
    fc.asyncProperty(fc.array(run, { maxLength: 12 }), fc.integer({ min: 1, max: 400 }), async (given, within) => {
      const runs = inTurn(given)
      const [missed, over] = await used(runs, within * 60_000)
      expect([missed, over].map((hours) => Math.round(hours * 60))).toEqual([
        counted(runs, within),
        (now - (runs[0]?.at ?? now)) / minute,
      ])
    }),
    { numRuns: 60 },
  )
})

/** Runs one after the other, the last of which ends now. */
function inTurn(given: readonly { wait: number; took: number; result: Run['result'] }[]): Run[] {
  const total = given.reduce((sum, { wait, took }) => sum + wait + took + 1, 0)
  let at = now - total * 60_000
  return given.map(({ wait, took, result }) => {
    at += (wait + 1) * 60_000
    const run = { at, milliseconds: took * 60_000, result }
    at += took * 60_000
    return run
  })
}

/** Minutes in which the newest success that had ended had begun more than `within` minutes before. */
function counted(runs: readonly Run[], within: number): number {
  const first = runs[0]?.at ?? now
  let missed = 0
  for (let at = first; at < now; at += 60_000) {
    const ended = runs.filter((run) => /published|unchanged/.test(run.result) && run.at + run.milliseconds <= at)
    if (at - (ended.at(-1)?.at ?? first) >= within * 60_000) missed++
  }
  return missed
}
