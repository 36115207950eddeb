import { expect, test } from 'vitest'
import { check } from '../../src/status/check.ts'
import { day, hour, makeHistory, now } from './history.ts'

const failed = { result: 'failed', message: 'E_HTTP x: Cannot fetch y' } as const

test('all is well where objectives are met, whatever the last run did, and no run failed without one', async () => {
  await using history = await makeHistory({ met: { fresh_within: '26h' }, well: {}, untried: {} })
  history.ran('met', { at: now - 2 * hour })
  history.ran('met', failed)
  history.ran('well', {})
  expect(check(history.report())).toEqual({
    ok: true,
    text: 'MIRROR OK - 3 repositories, 1 within their objective, 1 never synced\n',
  })
})

test('each offender has a line with what it did', async () => {
  await using history = await makeHistory({
    late: { fresh_within: '26h' },
    lateAndFailed: { fresh_within: '26h' },
    untried: { fresh_within: '90m' },
    failed: {},
    well: {},
  })
  for (const id of ['late', 'lateAndFailed', 'failed', 'well']) history.ran(id, { at: now - 3 * day })
  for (const id of ['lateAndFailed', 'failed']) history.ran(id, failed)
  history.ran('failed', { at: now - 1, result: 'interrupted', message: 'E_INTERRUPTED' })
  expect(check(history.report())).toEqual({
    ok: false,
    text: [
      'MIRROR CRITICAL - 4 of 5 repositories: late, lateAndFailed, untried, failed',
      'late: last success 3 d ago, fresh_within is 26 h',
      'lateAndFailed: last success 3 d ago, fresh_within is 26 h: E_HTTP x: Cannot fetch y',
      'untried: never synced, fresh_within is 2 h',
      'failed: the last run failed: E_HTTP x: Cannot fetch y',
      '',
    ].join('\n'),
  })
})

test('M13 an upstream that stands still for longer than it may is an offence, by its own time and not by our checks', async () => {
  await using history = await makeHistory({
    still: { stale_after: '7d', fresh_within: '26h' },
    lively: { stale_after: '7d' },
    unlimited: {},
  })
  for (const id of ['still', 'lively', 'unlimited']) history.ran(id, {})
  history.accepted('still', now - 8 * day)
  history.accepted('lively', now - 6 * day)
  history.accepted('unlimited', now - 800 * day)
  const report = history.report()
  expect(report.repos.map(({ state }) => state)).toEqual(['stale', 'ok', 'ok'])
  expect(check(report)).toEqual({
    ok: false,
    text: "MIRROR CRITICAL - 1 of 3 repositories: still\nstill: the upstream's metadata is 8 d old, stale_after is 7 d\n",
  })
})
