import { Counter, Registry } from 'prom-client'
import { setDaemonGauges } from './daemonGauges.ts'
import { setRepoGauges } from './repoGauges.ts'
import type { Report } from './report.ts'

/** How a run of a repository ended, for counting: the code of its error where it failed, bytes from the network. */
export type CountedRun = { repo: string; result: string; code: string | undefined; bytes: number }

/** The metrics of one daemon: what it counts as it happens, and what a report says when they are asked for. */
export type Metrics = {
  contentType: string
  ran(run: CountedRun): void
  /** Counts a response by its status; `bytes`: of its body, as sent. */
  answered(status: number, bytes: number): void
  /** Everything in Prometheus' text format. */
  text(report: Report): Promise<string>
}

/** Begins to count, in a registry of its own. Loads prom-client: import it where a daemon starts, and there only. */
export function openMetrics(): Metrics {
  const counted = new Registry()
  const registers = [counted]
  const runs = new Counter({
    name: 'mirror_runs_total',
    help: 'Runs of a repository since the daemon started, by how they ended',
    labelNames: ['repo', 'result'],
    registers,
  })
  const errors = new Counter({
    name: 'mirror_errors_total',
    help: 'Failed runs since the daemon started, by the code of their error',
    labelNames: ['repo', 'code'],
    registers,
  })
  const fetched = new Counter({
    name: 'mirror_fetched_bytes_total',
    help: 'Bytes that came from upstreams since the daemon started',
    labelNames: ['repo'],
    registers,
  })
  const answered = responseCounters(registers)

  return {
    contentType: counted.contentType,
    ran({ repo, result, code, bytes }) {
      runs.inc({ repo, result })
      fetched.inc({ repo }, bytes)
      if (code !== undefined) errors.inc({ repo, code })
    },
    answered,
    async text(report) {
      // Made anew for each answer: a repository that is no longer configured leaves nothing behind.
      const gauges = new Registry()
      setDaemonGauges(gauges, report)
      setRepoGauges(gauges, report)
      return (await gauges.metrics()) + (await counted.metrics())
    },
  }
}

/** Counts responses by class of status; the children are made before, since a response should not pay for a look-up. */
function responseCounters(registers: Registry[]): Metrics['answered'] {
  const labelNames = ['class'] as const
  const requests = new Counter({
    name: 'mirror_http_requests_total',
    help: 'Requests answered since the daemon started, by class of status',
    labelNames,
    registers,
  })
  const bytes = new Counter({
    name: 'mirror_http_response_bytes_total',
    help: 'Bytes of bodies sent since the daemon started, by class of status',
    labelNames,
    registers,
  })
  const children = ['1xx', '2xx', '3xx', '4xx', '5xx'].map((name) => {
    const child = { requests: requests.labels(name), bytes: bytes.labels(name) }
    child.requests.inc(0)
    child.bytes.inc(0)
    return child
  })
  return (status, sent) => {
    const child = children[Math.floor(status / 100) - 1]
    child?.requests.inc()
    child?.bytes.inc(sent)
  }
}
