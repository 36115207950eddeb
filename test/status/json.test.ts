import { expect, test } from 'vitest'
import { statusJson } from '../../src/status/json.ts'
import { version } from '../../src/version.ts'
import { alive, day, hour, makeHistory, minute, now } from './history.ts'

test('everything that is known, with times as text and spans in seconds', async () => {
  await using history = await makeHistory({ one: { fresh_within: '26h', name: 'One', path: 'el9/one' } })
  history.ran('one', { at: now - 2 * hour, result: 'published', milliseconds: 90_000, added: 3, bytes: 1000 })
  history.published('one')
  const progress = { stage: 'packages', packages: 1, packagesTotal: 2, bytes: 3, bytesTotal: 4 } as const
  const running = { since: now - minute, by: 'schedule', progress }
  const reload = { at: now - day, error: 'E_CONFIG mirror.yaml:1:1: no' }
  const live = alive({ one: { next: now + hour, running, queued: 1 } }, reload)
  const run = {
    at: '2026-11-22T20:00:00.000Z',
    milliseconds: 90_000,
    result: 'published',
    message: null,
    added: 3,
    removed: 0,
    bytes: 1000,
  }
  expect(JSON.parse(statusJson(history.report(live)))).toEqual({
    at: '2026-11-22T22:00:00.000Z',
    snapshots: [],
    version,
    daemon: {
      started: '2026-11-19T22:00:00.000Z',
      reload: { at: '2026-11-21T22:00:00.000Z', error: reload.error },
      operations: [],
    },
    disk: { size: expect.any(Number), free: expect.any(Number) },
    integrity: { damage: [], held: [], scrub: { began: null, progress: 0, ended: null, mended: 0 } },
    repos: [
      {
        repo: 'one',
        name: 'One',
        path: 'el9/one',
        state: 'running',
        generation: {
          number: 1,
          state: 'published',
          repomd: '0'.repeat(64),
          revision: '1763848800',
          timestamp: 1_763_848_800,
          created: '2026-11-20T22:00:00.000Z',
          superseded: null,
          packages: 17_649,
          bytes: 36_000_000_000,
          upstreamPackages: 17_649,
          trust: 'TLS',
          overrides: null,
          chain: null,
        },
        upstream: null,
        checked: null,
        lastSuccess: '2026-11-22T20:00:00.000Z',
        ageSeconds: 7200,
        objective: { withinSeconds: 93_600, met: true, missedSeconds: 0, overSeconds: 7200 },
        held: null,
        channels: [],
        problem: null,
        next: '2026-11-22T23:00:00.000Z',
        running: { since: '2026-11-22T21:59:00.000Z', by: 'schedule', progress },
        queued: 1,
        lastRun: run,
        runs: [run],
      },
    ],
  })
})

test('what is not known is null, the same keys are there', async () => {
  await using history = await makeHistory({ known: { fresh_within: '1h' }, unknown: {} })
  history.ran('known', {})
  history.published('known')
  const { daemon, repos } = JSON.parse(statusJson(history.report())) as { daemon: unknown; repos: object[] }
  expect(daemon).toBeNull()
  const [known, unknown] = repos as [object, object]
  expect(Object.keys(unknown)).toEqual(Object.keys(known))
  expect(unknown).toMatchObject({ state: 'never', generation: null, lastSuccess: null, lastRun: null, runs: [] })
})

test('a chain says what vouched for the metadata of each upstream, and how old that metadata is', async () => {
  await using history = await makeHistory({ one: { stale_after: '7d' } })
  const signed = {
    root: 'OpenPGP',
    fingerprint: 'ab'.repeat(20),
    signed: now,
    key: '/etc/key',
    gpgcheck: true,
  } as const
  history.ran('one', {})
  history.published('one', { trust: 'OpenPGP', chain: [signed] })
  history.accepted('one', now - 8 * day)
  const { repos } = JSON.parse(statusJson(history.report())) as { repos: unknown[] }
  expect(repos).toMatchObject([
    {
      state: 'stale',
      generation: { trust: 'OpenPGP', chain: [{ ...signed, signed: '2026-11-22T22:00:00.000Z' }] },
      upstream: { made: '2026-11-14T22:00:00.000Z', staleAfterSeconds: 604_800, isStale: true },
    },
  ])
})
