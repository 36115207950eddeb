import { agoText, bytesText, countText, spanText } from '../amounts.ts'
import type { RepoReport } from '../status/repoReport.ts'
import type { Report } from '../status/report.ts'
import { trustText } from '../store/chain.ts'
import { formatTable } from './table.ts'

const columns = [
  { heading: 'repository' },
  { heading: 'generation', number: true },
  { heading: 'published' },
  { heading: 'checked' },
  { heading: 'packages', number: true },
  { heading: 'size', number: true },
  { heading: 'trust' },
]

/** The report as a table for people; what is held against an objective where there is one. */
export function statusTable({ repos, at }: Report): string {
  const objectives = repos.some(({ objective }) => objective !== undefined)
  const rows = repos.map((one) => [
    one.repo.id,
    ...publishedCells(one, at),
    ...(objectives ? [objectiveText(one, at)] : []),
    lastRunText(one),
  ])
  return formatTable([...columns, ...(objectives ? [{ heading: 'age' }] : []), { heading: 'last run' }], rows)
}

function publishedCells({ generation, checked }: RepoReport, now: number): string[] {
  const looked = checked === undefined ? 'never' : agoText(checked, now)
  if (generation === undefined) return ['-', 'never', looked, '-', '-', '-']
  const { number, created, packages, bytes } = generation
  return [String(number), agoText(created, now), looked, countText(packages), bytesText(bytes), trustText(generation)]
}

function objectiveText({ objective, lastSuccess }: RepoReport, now: number): string {
  const age = lastSuccess === undefined ? 'never' : spanText(now - lastSuccess)
  if (objective === undefined) return age
  return `${age} of ${spanText(objective.withinMs)}${objective.met ? '' : ', too old'}`
}

function lastRunText({ generation, hold, upstream, runs: [run] }: RepoReport): string {
  if (run === undefined) return 'never'
  const selected = generation?.overrides === undefined ? '' : ` (published with ${generation.overrides})`
  const held = hold === undefined ? '' : ` (held at generation ${hold.generation} by ${hold.by})`
  const stale = upstream?.isStale === true ? ', the upstream is stale' : ''
  return `${run.message ?? run.result}${selected}${held}${stale}`
}
