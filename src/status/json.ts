import type { SnapshotReport } from '../lifecycle/snapshots.ts'
import type { Link } from '../store/chain.ts'
import type { RunRecord } from '../store/runs.ts'
import type { Integrity } from './integrity.ts'
import type { LiveOperation, LiveRepo } from './live.ts'
import type { Objective, RepoReport, UpstreamAge } from './repoReport.ts'
import type { Report } from './report.ts'

/**
 * The report for machines, of `mirror status --json` and /status.json. Times are ISO 8601 in UTC, spans whole seconds
 * (a run's milliseconds and the timestamp of repomd.xml as they are recorded), sizes bytes; null is what is not known.
 */
export function statusJson(report: Report): string {
  const { at, version, live, disk, repos, snapshots, integrity } = report
  const daemon = live && {
    started: iso(live.started),
    reload: live.reload && reloadOf(live.reload),
    operations: live.operations.map(operationJson),
  }
  const told = {
    integrity: integrity && integrityJson(integrity),
    repos: repos.map((one) => repoJson(one, at)),
    snapshots: snapshots.map(snapshotJson),
  }
  return `${JSON.stringify({ at: iso(at), version, daemon, disk, ...told }, nulls, 2)}\n`
}

function snapshotJson({ at, ...snapshot }: SnapshotReport) {
  return { ...snapshot, at: iso(at) }
}

function repoJson(one: RepoReport, now: number) {
  const { repo, state, generation, checked, lastSuccess, objective, upstream, runs, last, live, hold, channels } = one
  const [lastRun, ...others] = runs.map(runJson)
  return {
    repo: repo.id,
    name: repo.name,
    path: repo.path,
    state,
    generation: generation && {
      ...generation,
      created: iso(generation.created),
      chain: generation.chain?.map(linkJson),
    },
    upstream: upstream && upstreamJson(upstream),
    checked: iso(checked),
    lastSuccess: iso(lastSuccess),
    ageSeconds: lastSuccess === undefined ? undefined : seconds(Math.max(0, now - lastSuccess)),
    objective: objective && objectiveJson(objective),
    held: hold && { ...hold, at: iso(hold.at) },
    channels: channels.map(({ created, ...shown }) => ({ ...shown, created: iso(created) })),
    problem: last?.message,
    ...liveJson(live),
    lastRun,
    runs: lastRun === undefined ? [] : [lastRun, ...others],
  }
}

function linkJson({ signed, ...link }: Link) {
  return { ...link, ...(signed !== undefined && { signed: iso(signed) }) }
}

function upstreamJson({ made, staleAfterMs, isStale }: UpstreamAge) {
  const staleAfterSeconds = staleAfterMs === undefined ? undefined : seconds(staleAfterMs)
  return { made: iso(made), staleAfterSeconds, isStale }
}

function integrityJson({ damage, held, scrub }: Integrity) {
  return { damage, held, scrub: { ...scrub, began: iso(scrub.began), ended: iso(scrub.ended) } }
}

function runJson(run: RunRecord) {
  return { ...run, at: iso(run.at) }
}

function objectiveJson({ withinMs, met, budget }: Objective) {
  const { missedMs, overMs } = budget
  return { withinSeconds: seconds(withinMs), met, missedSeconds: seconds(missedMs), overSeconds: seconds(overMs) }
}

function liveJson(live: LiveRepo | undefined) {
  const { next, running, queued = 0 } = live ?? {}
  return { next: iso(next), running: running && { ...running, since: iso(running.since) }, queued }
}

function operationJson({ since, ...operation }: LiveOperation) {
  return { ...operation, since: iso(since) }
}

function reloadOf({ at, error }: { at: number; error: string | undefined }) {
  return { at: iso(at), error }
}

function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 1000)
}

/** A key that is always there reads better than one that may be. */
function nulls(_key: string, value: unknown): unknown {
  return value === undefined ? null : value
}
