import { openMetrics } from '../../src/status/metrics.ts'
import { alive, makeHistory, now } from './history.ts'

/** What /metrics answers of a daemon that has something to say for every metric. */
export async function everyMetric(): Promise<string> {
  await using history = await makeHistory({ one: { fresh_within: '26h', stale_after: '30d' } })
  history.ran('one', {})
  history.published('one', { chain: [{ root: 'OpenPGP', signed: now }] })
  history.accepted('one', now)
  const metrics = openMetrics()
  metrics.ran({ repo: 'one', result: 'failed', code: 'E_HTTP', bytes: 1 })
  return metrics.text(history.report(alive({ one: { next: now } })))
}
