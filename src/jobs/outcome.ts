import type { Repo } from '../config/repo.ts'
import { type Code, fromSystem, MirrorError } from '../errors.ts'
import type { RunRecord } from '../store/runs.ts'
import type { RunSummary, SyncSummary } from './messages.ts'

/** How the run of one repository ended. */
export type Outcome = {
  repo: Repo
  seconds: number
  summary: SyncSummary | undefined
  /** Files of local folders that were to be packages and are not: what is published lacks them. */
  leftOut: number
  /** Why it failed; `served`: the generation that clients still see. */
  error: unknown
  served: number | undefined
}

/** An outcome in plain values, as machines and hooks are told it; without a summary nothing was published. */
export type Facts = {
  repo: string
  path: string
  result: 'published' | 'unchanged' | 'failed'
  /** The generation that clients see. */
  generation: number | null
  packages?: number
  added?: number
  removed?: number
  /** Fetched over the network. */
  bytes?: number
  leftOut?: number
  seconds: number
  /** A bug has its stack. */
  error?: { code: Code; message: string; stack?: string }
}

/** What became of a run, in plain values. */
export function factsOf({ repo, seconds, summary, leftOut, error, served }: Outcome): Facts {
  const { packages, added, removed, bytes } = summary ?? {}
  return {
    repo: repo.id,
    path: repo.path,
    result: summary?.result ?? 'failed',
    generation: served ?? null,
    ...(summary &&
      ({ packages, added, removed, bytes } as Pick<SyncSummary, 'packages' | 'added' | 'removed' | 'bytes'>)),
    ...(leftOut > 0 && { leftOut }),
    seconds,
    ...(error !== undefined && { error: plainError(error) }),
  }
}

function plainError(error: unknown): NonNullable<Facts['error']> {
  if (error instanceof MirrorError) return { code: error.code, message: error.message }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: 'E_BUG', message, ...(stack !== undefined && { stack }) }
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
  if (summary !== undefined)
    return { at, milliseconds, result: summary.result, message: lacking(summary), added, removed, bytes }
  const interrupted = error instanceof MirrorError && error.code === 'E_INTERRUPTED'
  const message = error instanceof MirrorError ? error.line : String(error)
  return { at, milliseconds, result: interrupted ? 'interrupted' : 'failed', message, added, removed, bytes }
}

function lacking({ result, leftOut }: RunSummary): string | undefined {
  return leftOut === 0 ? undefined : `${result}, but ${leftOut} ${leftOut === 1 ? 'file is' : 'files are'} left out`
}
