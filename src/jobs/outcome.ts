import { numberText } from '../amounts.ts'
import type { Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import type { RunRecord } from '../store/runs.ts'
import type { RunSummary, SyncSummary } from './messages.ts'

/** How the run of one repository ended. */
export type Outcome = {
  repo: Repo
  seconds: number
  summary: SyncSummary | undefined
  /** Files of local folders, or that the upstream names and does not have: what is published lacks them. */
  leftOut: number
  /** Why it failed; `served`: the generation that clients still see. */
  error: unknown
  served: number | undefined
}

/** The error with the repository that it concerns. */
export function ofRepo(repo: Repo, caught: unknown): unknown {
  const error = fromSystem(caught)
  if (error instanceof MirrorError) error.repo = repo.id
  return error
}

/** A run as it is remembered: when it began, how long it took (both milliseconds), and what it came to or why not. */
export function asRecord(
  at: number,
  milliseconds: number,
  ended: { summary: RunSummary | undefined; error: unknown },
): RunRecord {
  const { summary, error } = ended
  const { added = 0, removed = 0, bytes = 0 } = summary ?? {}
  if (summary?.skipped !== undefined)
    return { at, milliseconds, result: 'skipped', message: summary.skipped, added, removed, bytes }
  if (summary !== undefined)
    return { at, milliseconds, result: summary.result, message: degradedBy(summary), added, removed, bytes }
  const interrupted = error instanceof MirrorError && error.code === 'E_INTERRUPTED'
  const message = error instanceof MirrorError ? error.line : String(error)
  return { at, milliseconds, result: interrupted ? 'interrupted' : 'failed', message, added, removed, bytes }
}

/** How many missing files are named in what is remembered of a run. */
const maxNamed = 100

function degradedBy(summary: RunSummary): string | undefined {
  const { result, unhashed, held } = summary
  if (held !== undefined) return `${result}, held at generation ${held} until mirror release`
  const names = unhashed.length === 0 ? undefined : `${result}, degraded: unhashed names: ${unhashed.join(', ')}`
  return [lacking(summary), names].filter((text) => text !== undefined).join('; ') || undefined
}

function lacking({ result, leftOut, missing }: RunSummary): string | undefined {
  if (leftOut === 0) return undefined
  const more = missing.length > maxNamed ? ` and ${missing.length - maxNamed} more` : ''
  const names = missing.length === 0 ? '' : `: the upstream lacks ${missing.slice(0, maxNamed).join(', ')}${more}`
  return `${result}, but ${numberText(leftOut, 'file is', 'files are')} left out${names}`
}
