import { Gauge, type Registry } from 'prom-client'
import { weakest } from '../store/chain.ts'
import type { RepoReport } from './repoReport.ts'
import type { Report } from './report.ts'

/** A fact of a repository: its name without `mirror_repo_`, its help, its value; without one there is no sample. */
type Fact = [name: string, help: string, value: (one: RepoReport, now: number) => number | undefined]

const facts: Fact[] = [
  ['last_success_timestamp_seconds', 'When the last successful run began', ({ lastSuccess }) => seconds(lastSuccess)],
  [
    'upstream_lag_seconds',
    'How far what is published may be behind the upstream at most: time since the last successful run looked there',
    ({ lastSuccess }, now) => (lastSuccess === undefined ? undefined : Math.max(0, now - lastSuccess) / 1000),
  ],
  [
    'upstream_timestamp_seconds',
    "The newest time in the published repomd.xml: when the upstream's metadata was made",
    ({ generation }) => generation?.timestamp,
  ],
  ['fresh_within_seconds', 'How old the last success may be', ({ objective }) => seconds(objective?.withinMs)],
  ['fresh', 'Whether the last success is young enough (1) or not (0)', ({ objective }) => flag(objective?.met)],
  [
    'late_ratio',
    'The part of the last 30 days, or of the time since the first run, in which the last success was too old',
    ({ objective }) => objective && objective.budget.missedMs / Math.max(1, objective.budget.overMs),
  ],
  [
    'stale',
    'Whether the upstream stands still for longer than it may (1) or not (0)',
    ({ upstream }) => flag(upstream?.isStale),
  ],
  [
    'signed_timestamp_seconds',
    'When the signature was made that vouches for the published metadata; no sample without one',
    ({ generation }) => seconds(generation?.chain && weakest(generation.chain)?.signed),
  ],
  ['last_run_timestamp_seconds', 'When the last run began', ({ runs: [run] }) => seconds(run?.at)],
  ['last_run_duration_seconds', 'How long the last run took', ({ runs: [run] }) => seconds(run?.milliseconds)],
  ['last_run_bytes', 'What the last run fetched', ({ runs: [run] }) => run?.bytes],
  [
    'last_run_success',
    'Whether the last run that was not interrupted went well (1) or failed (0)',
    ({ last }) => flag(last && last.result !== 'failed'),
  ],
  [
    'degraded',
    'Whether the last run left something out of what it published (1) or not (0)',
    ({ last }) => flag(last && last.result !== 'failed' && last.message !== undefined),
  ],
  ['generation', 'The number of the published generation', ({ generation }) => generation?.number],
  ['published_timestamp_seconds', 'When it was published', ({ generation }) => seconds(generation?.created)],
  ['packages', 'Packages that are published', ({ generation }) => generation?.packages],
  ['bytes', 'Bytes of the packages that are published', ({ generation }) => generation?.bytes],
  ['next_run_timestamp_seconds', 'When it is due next', ({ live }) => seconds(live?.next)],
  ['running', 'Whether it runs now (1) or not (0)', ({ live }) => flag(live?.running !== undefined)],
  ['queued', 'Runs of it that wait for their turn', ({ live }) => live?.queued ?? 0],
]

/** Says each fact of each repository. */
export function setRepoGauges(registry: Registry, { repos, at }: Report): void {
  for (const [name, help, value] of facts) {
    const gauge = new Gauge({ name: `mirror_repo_${name}`, help, labelNames: ['repo'], registers: [registry] })
    for (const one of repos) {
      const known = value(one, at)
      if (known !== undefined) gauge.labels(one.repo.id).set(known)
    }
  }
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value)
}
