import { describe, expect, test } from 'vitest'
import { repoRow } from '../../src/store/generations.ts'
import { firstRun, lastRuns, newestSuccess, type RunRecord, recordRun, spacedSuccesses } from '../../src/store/runs.ts'
import { openNewDatabase } from './opened.ts'

const done: RunRecord = {
  at: 1,
  milliseconds: 20,
  result: 'published',
  message: undefined,
  added: 3,
  removed: 4,
  bytes: 2 ** 40,
}

test('runs come back newest first, with their message where they failed', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const [repo, other] = ['a', 'b'].map((id) => repoRow(database, { path: id, id })) as [number, number]
  const failed: RunRecord = { ...done, at: 2, result: 'failed', message: 'E_HTTP a: no' }
  for (const run of [done, failed]) recordRun(database, repo, run)
  recordRun(database, other, { ...done, at: 3 })
  expect(lastRuns(database, repo, 10)).toMatchObject([failed, done])
  expect(lastRuns(database, repo, 1)).toMatchObject([failed])
})

const day = 86_400_000

/** Runs of one repo as a database has them after each was recorded. */
async function remembered(runs: readonly Partial<RunRecord>[]): Promise<number[]> {
  await using opened = await openNewDatabase()
  const { database } = opened
  const [repo, other] = ['a', 'b'].map((id) => repoRow(database, { path: id, id })) as [number, number]
  recordRun(database, other, done)
  database.exec('BEGIN')
  const insert = database.prepare('INSERT INTO run VALUES (?, ?, 20, ?, NULL, 0, 0, 0)')
  for (const { at = 0, result = 'unchanged' } of runs.slice(0, -1)) insert.run(repo, at, result)
  database.exec('COMMIT')
  recordRun(database, repo, { ...done, ...runs.at(-1) })
  expect(lastRuns(database, other, 10)).toHaveLength(1)
  return lastRuns(database, repo, 10_000).map(({ at }) => at)
}

describe('runs are remembered', () => {
  const spaced = (count: number, apart: number, result: RunRecord['result'] = 'unchanged') =>
    Array.from({ length: count }, (_, i) => ({ at: 100 * day + i * apart, result }))

  test('for 31 days where there are 200 and more', async () => {
    const times = await remembered(spaced(1000, day / 24))
    expect(times).toHaveLength(31 * 24 + 1)
    expect((times[0] as number) - (times.at(-1) as number)).toBe(31 * day)
  })

  test('200 of them where they are older', async () => {
    expect(await remembered(spaced(203, day))).toHaveLength(200)
  })

  test('5,000 of them where they are more', async () => {
    expect(await remembered(spaced(5100, 60_000))).toHaveLength(5000)
  })

  test('and the newest success, however many failures came after it', async () => {
    const failures = spaced(1000, day / 2, 'failed')
    const times = await remembered([{ at: day }, { at: 2 * day }, ...failures])
    expect([times.length, times.at(-1)]).toEqual([201, 2 * day])
  })
})

test('successes are found by when they began and ended; failures and interrupted runs are none', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  const results = ['published', 'failed', 'unchanged', 'interrupted'] as const
  for (const [i, result] of results.entries())
    recordRun(database, repo, { ...done, result, at: 1000 * (i + 1), milliseconds: 500 })
  const newest = [1499, 1500, 3499, 3500, 9000].map((ended) => newestSuccess(database, repo, ended))
  expect(newest).toEqual([undefined, 1000, 1000, 3000, 3000])
  expect(firstRun(database, repo)).toBe(1000)
})

test('of successes that are near each other the outer ones come back, and the next where none is near', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  for (const at of [100, 110, 120, 130, 300, 310]) recordRun(database, repo, { ...done, at, milliseconds: 5 })
  recordRun(database, repo, { ...done, at: 200, result: 'failed' })
  const spaced = (after: number, apart: number) => spacedSuccesses(database, repo, after, apart).map(({ at }) => at)
  expect(spaced(100, 30)).toEqual([120, 130, 300, 310])
  expect(spaced(100, 35)).toEqual([130, 300, 310])
  expect(spaced(0, 1)).toEqual([100, 110, 120, 130, 300, 310])
  expect(spaced(310, 1)).toEqual([])
  expect(spacedSuccesses(database, repo, 300, 1)).toMatchObject([{ at: 310, ended: 315 }])
})
