import { bytesText, countText } from '../amounts.ts'
import { exit, exitStatus, MirrorError } from '../errors.ts'
import type { Outcome } from '../jobs/outcome.ts'
import { formatTable } from './table.ts'

/** A failed repository in one line, with what clients still get. */
export function failureText({ repo, error, served }: Outcome): string {
  const after = served === undefined ? 'nothing is served yet' : `generation ${served} is still served`
  return `${error instanceof MirrorError ? error.line : bugText(repo.id, error)}; ${after}`
}

/** A bug keeps its stack. */
function bugText(repo: string, error: unknown): string {
  return `E_BUG ${repo}: ${error instanceof Error ? error.stack : JSON.stringify(error)}`
}

/** The exit status of a whole sync: the worst of its repositories'. */
export function statusOf(outcomes: readonly Outcome[]): number {
  const statuses = new Set(outcomes.filter(({ error }) => error !== undefined).map(({ error }) => exitStatus(error)))
  if (outcomes.some(({ leftOut }) => leftOut > 0)) statuses.add(exit.degraded)
  return [exit.usage, exit.busy, exit.failed, exit.degraded].find((status) => statuses.has(status)) ?? exit.done
}

/** What a run came to, in a word or two: its generation, or the code of its error. */
export function resultText({ summary, leftOut, error }: Outcome): string {
  const lacking = leftOut === 0 ? '' : `, ${leftOut} left out`
  if (summary !== undefined)
    return `${summary.result === 'unchanged' ? 'unchanged' : `generation ${summary.generation}`}${lacking}`
  return error instanceof MirrorError ? error.code : 'E_BUG'
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
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => {
    const { repo, seconds, summary } = outcome
    const counts =
      summary === undefined
        ? ['-', '-', '-', '-']
        : [countText(summary.packages), countText(summary.added), countText(summary.removed), bytesText(summary.bytes)]
    return [repo.id, ...counts, seconds.toFixed(1), resultText(outcome)]
  })
  return formatTable(columns, rows)
}

/** The outcomes for machines. */
export function outcomeJson(outcomes: readonly Outcome[]): string {
  const repos = outcomes.map(({ repo, seconds, summary, leftOut, error, served }) => ({
    repo: repo.id,
    path: repo.path,
    result: summary?.result ?? 'failed',
    generation: served ?? null,
    ...(summary && {
      packages: summary.packages,
      added: summary.added,
      removed: summary.removed,
      bytes: summary.bytes,
    }),
    ...(leftOut > 0 && { leftOut }),
    seconds,
    ...(error instanceof Error && {
      error: { code: error instanceof MirrorError ? error.code : 'E_BUG', message: error.message },
    }),
  }))
  return `${JSON.stringify({ repos }, null, 2)}\n`
}
