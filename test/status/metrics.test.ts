import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { openMetrics } from '../../src/status/metrics.ts'
import { version } from '../../src/version.ts'
import { judge } from '../helpers/judges.ts'
import { alive, hour, makeHistory, minute, now } from './history.ts'
import { everyMetric } from './scraped.ts'

/** The value of a sample, by its name and labels as they are written. */
function sampleOf(text: string, sample: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? undefined : Number(line.slice(sample.length + 1))
}

describe('what a report says', () => {
  test('is said of each repository, as far as it is known', async () => {
    await using history = await makeHistory({ one: { fresh_within: '90m' }, two: {} })
    history.ran('one', { at: now - 2 * hour, result: 'published', milliseconds: 1500, bytes: 700 })
    history.ran('one', { at: now - minute, result: 'failed', message: 'E_HTTP one: no' })
    history.published('one')
    const text = await openMetrics().text(history.report(alive({ one: { next: now + hour, queued: 1 } })))
    const said = (name: string, repo: string) => sampleOf(text, `mirror_repo_${name}{repo="${repo}"}`)
    expect(said('last_success_timestamp_seconds', 'one')).toBe((now - 2 * hour) / 1000)
    expect(said('upstream_lag_seconds', 'one')).toBe(7200)
    expect(said('upstream_timestamp_seconds', 'one')).toBe(1_763_848_800)
    expect(said('fresh', 'one')).toBe(0)
    expect(said('late_ratio', 'one')).toBe(0.25)
    expect(said('last_run_success', 'one')).toBe(0)
    expect(said('last_run_duration_seconds', 'one')).toBe(0.2)
    expect(said('packages', 'one')).toBe(17_649)
    expect(said('next_run_timestamp_seconds', 'one')).toBe((now + hour) / 1000)
    expect([said('queued', 'one'), said('queued', 'two')]).toEqual([1, 0])
    for (const name of ['last_success_timestamp_seconds', 'fresh', 'last_run_success', 'packages', 'degraded'])
      expect(said(name, 'two')).toBeUndefined()
  })

  test('is said anew each time: a repository that is gone leaves nothing', async () => {
    await using history = await makeHistory({ one: {}, two: {} })
    const metrics = openMetrics()
    const whole = history.report()
    expect(await metrics.text(whole)).toContain('repo="two"')
    expect(await metrics.text({ ...whole, repos: whole.repos.slice(0, 1) })).not.toContain('repo="two"')
  })

  test('has the program, the queue, the disk and the last reload', async () => {
    await using history = await makeHistory({ one: {} })
    const live = alive({ one: { queued: 1 } }, { at: now, error: 'E_CONFIG x' })
    const text = await openMetrics().text(history.report(live))
    expect(text).toContain(`mirror_build_info{version="${version}",node="${process.versions.node}"} 1\n`)
    expect(sampleOf(text, 'mirror_queue_length')).toBe(1)
    expect(sampleOf(text, 'mirror_config_last_reload_successful')).toBe(0)
    expect(sampleOf(text, 'mirror_disk_size_bytes')).toBeGreaterThan(sampleOf(text, 'mirror_disk_free_bytes') as number)
    expect(sampleOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(1e6)
  })
})

test('runs and responses are counted', async () => {
  await using history = await makeHistory({ one: {} })
  const metrics = openMetrics()
  metrics.ran({ repo: 'one', result: 'published', code: undefined, bytes: 100 })
  metrics.ran({ repo: 'one', result: 'failed', code: 'E_HTTP', bytes: 5 })
  metrics.ran({ repo: 'one', result: 'failed', code: 'E_HTTP', bytes: 0 })
  for (const status of [200, 206, 404]) metrics.answered(status, 10)
  const text = await metrics.text(history.report())
  expect(sampleOf(text, 'mirror_runs_total{repo="one",result="published"}')).toBe(1)
  expect(sampleOf(text, 'mirror_errors_total{repo="one",code="E_HTTP"}')).toBe(2)
  expect(sampleOf(text, 'mirror_fetched_bytes_total{repo="one"}')).toBe(105)
  expect(sampleOf(text, 'mirror_http_requests_total{class="2xx"}')).toBe(2)
  expect(sampleOf(text, 'mirror_http_response_bytes_total{class="4xx"}')).toBe(10)
  expect(sampleOf(text, 'mirror_http_requests_total{class="5xx"}')).toBe(0)
})

test('two daemons in one process do not count each other', async () => {
  await using history = await makeHistory({ one: {} })
  const [one, other] = [openMetrics(), openMetrics()]
  one.answered(200, 1)
  expect(sampleOf(await other.text(history.report()), 'mirror_http_requests_total{class="2xx"}')).toBe(0)
})

test.skipIf(!judge('promtool'))('promtool takes it without a remark', async () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: await everyMetric() })
  expect({ status, said: `${stdout.toString()}${stderr.toString()}` }).toEqual({ status: 0, said: '' })
})
