import { repositoriesText, spanText } from '../amounts.ts'
import { heldText } from '../jobs/facts.ts'
import type { RepoReport, UpstreamAge } from './repoReport.ts'
import type { Report } from './report.ts'

/** The answer to monitoring: whether all is well, and lines of which the first says it. */
export type Check = { ok: boolean; text: string }

/**
 * What `mirror status --check` says, in the form of a Nagios plug-in: a repository with an objective must meet it, one
 * without must not have failed in its last run, and no upstream may stand still for longer than is said.
 */
export function check({ repos, at, integrity }: Report): Check {
  const { damage = [], held = [] } = integrity ?? {}
  const waiting = [...damage.map((line) => `damaged: ${line}\n`), ...held.map((one) => `${heldText(one)}\n`)]
  const offences = repos.map((one) => ({ id: one.repo.id, offence: offenceOf(one, at) }))
  const offenders = offences.filter(({ offence }) => offence !== undefined)
  if (offenders.length === 0 && waiting.length > 0)
    return {
      ok: false,
      text: `MIRROR CRITICAL - ${damage.length} files damaged, deletions of ${held.length} trees held\n${waiting.join('')}`,
    }
  if (offenders.length === 0) return { ok: true, text: `MIRROR OK - ${wellText(repos)}\n` }
  const names = offenders.map(({ id }) => id).join(', ')
  const lines = offenders.map(({ id, offence }) => `${id}: ${offence}\n`)
  const summary = `${offenders.length} of ${repositoriesText(repos.length)}: ${names}`
  return { ok: false, text: `MIRROR CRITICAL - ${summary}\n${lines.join('')}${waiting.join('')}` }
}

function offenceOf({ objective, lastSuccess, last, upstream }: RepoReport, now: number): string | undefined {
  const failed = last?.result === 'failed'
  if (objective?.met === true || (objective === undefined && !failed)) return staleText(upstream, now)
  if (objective === undefined) return `the last run failed: ${last?.message}`
  const age = lastSuccess === undefined ? 'never synced' : `last success ${spanText(now - lastSuccess)} ago`
  return `${age}, fresh_within is ${spanText(objective.withinMs)}${failed ? `: ${last.message}` : ''}`
}

/** Of an upstream that stands still, which may be a mirror that was abandoned, or one that somebody holds still. */
export function staleText(upstream: UpstreamAge | undefined, now: number): string | undefined {
  if (upstream?.isStale !== true) return undefined
  const { made, staleAfterMs = 0 } = upstream
  return `the upstream's metadata is ${spanText(now - made)} old, stale_after is ${spanText(staleAfterMs)}`
}

function wellText(repos: readonly RepoReport[]): string {
  const held = repos.filter(({ objective }) => objective !== undefined).length
  const never = repos.filter(({ state }) => state === 'never').length
  const parts = [
    repositoriesText(repos.length),
    ...(held > 0 ? [`${held} within their objective`] : []),
    ...(never > 0 ? [`${never} never synced`] : []),
  ]
  return parts.join(', ')
}
