import { describe, expect, test } from 'vitest'
import type { LiveRepo } from '../../src/status/live.ts'
import { report } from '../../src/status/report.ts'
import { alive, day, type History, hour, makeHistory, minute, now } from './history.ts'

const running: Partial<LiveRepo> = { running: { since: now - minute, by: 'schedule', progress: undefined } }
const failed = { result: 'failed', message: 'E_HTTP one: Cannot fetch x' } as const

describe('the state of a repository', () => {
  const cases: [string, object, (history: History) => void, Partial<LiveRepo>, string, string | undefined][] = [
    ['never, before its first run', {}, () => {}, {}, 'never', undefined],
    [
      'never, after one that was interrupted',
      {},
      ({ ran }) => ran('one', { result: 'interrupted', message: 'x' }),
      {},
      'never',
      undefined,
    ],
    ['ok, after a run that went well', { fresh_within: '2h' }, ({ ran }) => ran('one', {}), {}, 'ok', undefined],
    ['ok, if only an interruption followed', {}, twoRuns({ result: 'interrupted', message: 'x' }), {}, 'ok', undefined],
    ['failed, with its line', {}, twoRuns(failed), {}, 'failed', failed.message],
    ['failed rather than late', { fresh_within: '30m' }, twoRuns(failed), {}, 'failed', failed.message],
    [
      'late, where its objective is missed',
      { fresh_within: '30m' },
      ({ ran }) => ran('one', {}),
      {},
      'late',
      undefined,
    ],
    [
      'degraded, where files were left out',
      {},
      ({ ran }) => ran('one', { message: 'published, but 1 file is left out' }),
      {},
      'degraded',
      'published, but 1 file is left out',
    ],
    ['running, whatever was before', {}, twoRuns(failed), running, 'running', failed.message],
  ]

  test.each(cases)('is %s', async (_, settings, happened, live, state, problem) => {
    await using history = await makeHistory({ one: settings })
    happened(history)
    if (state !== 'never') history.published('one')
    expect(history.report(alive({ one: live })).repos[0]).toMatchObject({ state })
    expect(history.report().repos[0]?.last?.message).toBe(problem)
  })
})

function twoRuns(second: Parameters<History['ran']>[1]) {
  return ({ ran }: History) => {
    ran('one', { at: now - 2 * hour })
    ran('one', { at: now - hour, ...second })
  }
}

test('an objective is met up to its last millisecond', async () => {
  await using history = await makeHistory({ met: { fresh_within: '1h' }, missed: { fresh_within: '1h' }, none: {} })
  history.ran('met', { at: now - hour })
  history.ran('missed', { at: now - hour - 1 })
  history.ran('none', {})
  const { repos } = history.report()
  expect(repos.map(({ objective }) => objective?.met)).toEqual([true, false, undefined])
  expect(repos[1]?.objective).toEqual({ withinMs: hour, met: false, budget: { missedMs: 1, overMs: hour + 1 } })
})

test('the age counts from when the last success began, and failures do not make it younger', async () => {
  await using history = await makeHistory({ one: {} })
  history.ran('one', { at: now - day, milliseconds: hour })
  history.ran('one', { ...failed, at: now - hour })
  expect(history.report().repos[0]?.lastSuccess).toBe(now - day)
})

test('without a database, root or daemon there is still a report', async () => {
  await using history = await makeHistory({ one: { fresh_within: '1h' } })
  const { repos, disk, live } = report({ ...history.config, root: '/nowhere/at/all' }, undefined, undefined, now)
  expect({ disk, live }).toEqual({ disk: undefined, live: undefined })
  expect(repos[0]).toMatchObject({ state: 'never', objective: { met: false }, runs: [] })
})

test('the disk is the one that root is on', async () => {
  await using history = await makeHistory({ one: {} })
  const { size, free } = history.report().disk as { size: number; free: number }
  expect(size).toBeGreaterThan(free)
  expect(free).toBeGreaterThan(0)
})

test('50 repositories with 30 days of runs are looked up quickly', async () => {
  const ids = Array.from({ length: 50 }, (_, i) => `repo-${i}`)
  await using history = await makeHistory(Object.fromEntries(ids.map((id) => [id, { fresh_within: '26h' }])))
  const { database } = history
  for (const id of ids) {
    history.published(id)
    history.ran(id, {})
  }
  database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2880)
    INSERT OR IGNORE INTO run SELECT id, ${now} - i * 900000, 200, 'unchanged', NULL, 0, 0, 0 FROM repo, n`)
  const began = performance.now()
  expect(history.report().repos.every(({ state, runs }) => state === 'ok' && runs.length === 30)).toBe(true)
  // Some 15 ms; reading every row takes ten times as long.
  expect(performance.now() - began).toBeLessThan(1000)
})
