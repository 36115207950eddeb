import { expect, test } from 'vitest'
import { repoRow } from '../../src/store/generations.ts'
import { lastRuns, type RunRecord, recordRun } from '../../src/store/runs.ts'
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

test('the newest 200 runs of each repository are remembered', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const [repo, other] = ['a', 'b'].map((id) => repoRow(database, { path: id, id })) as [number, number]
  recordRun(database, other, done)
  for (let at = 1; at <= 203; at++) recordRun(database, repo, { ...done, at })
  const times = lastRuns(database, repo, 1000).map(({ at }) => at)
  expect([times.length, times[0], times.at(-1)]).toEqual([200, 203, 4])
  expect(lastRuns(database, other, 1000)).toHaveLength(1)
})
