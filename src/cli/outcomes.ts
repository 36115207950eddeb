import { bytesText, countText } from '../amounts.ts'
import { exit, exitStatusOf } from '../errors.ts'
import { type Facts, resultText } from '../jobs/facts.ts'
import { formatTable } from './table.ts'

/** The exit status of a whole sync: the worst of its repositories'. */
export function statusOf(outcomes: readonly Facts[]): number {
  const statuses = new Set(outcomes.flatMap(({ error }) => (error === undefined ? [] : [exitStatusOf(error.code)])))
  if (outcomes.some(({ leftOut, degraded }) => leftOut !== undefined || degraded !== undefined))
    statuses.add(exit.degraded)
  return [exit.usage, exit.busy, exit.failed, exit.degraded].find((status) => statuses.has(status)) ?? exit.done
}

const columns = [
  { heading: 'repository' },
  { heading: 'packages', number: true },
  { heading: 'added', number: true },
  { heading: 'removed', number: true },
  { heading: 'fetched', number: true },
  { heading: 'seconds', number: true },
  { heading: 'result' },
]

/** The outcomes as a table for people. */
export function outcomeTable(outcomes: readonly Facts[]): string {
  const rows = outcomes.map((facts) => {
    const { repo, seconds, packages, added, removed, bytes } = facts
    const counts = [packages, added, removed].map((count) => (count === undefined ? '-' : countText(count)))
    const fetched = bytes === undefined ? '-' : bytesText(bytes)
    return [repo, ...counts, fetched, seconds.toFixed(1), resultText(facts)]
  })
  return formatTable(columns, rows)
}

/** The outcomes for machines. */
export function outcomeJson(outcomes: readonly Facts[]): string {
  return `${JSON.stringify({ repos: outcomes }, null, 2)}\n`
}
