import { type Code, MirrorError, oneLine } from '../errors.ts'
import type { Held } from '../lifecycle/sweep.ts'
import type { Done } from './job.ts'
import type { SyncSummary } from './messages.ts'
import type { Outcome } from './outcome.ts'

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
  /** The generation that it was rolled back to and stays at until it is released. */
  held?: number
  /** What those who read it must put up with. */
  degraded?: 'unhashed names'
  seconds: number
  error?: Failure
}

/** An error in plain values; a bug has its stack, others the repository that they are of. */
export type Failure = { code: Code; message: string; stack?: string; repo?: string }

/** How an operation ended, in plain values. */
export type DoneFacts = { result: 'done' | 'failed'; seconds: number; answer?: unknown; error?: Failure }

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
    ...(summary?.held !== undefined && { held: summary.held }),
    ...(summary !== undefined && summary.unhashed.length > 0 && { degraded: 'unhashed names' as const }),
    seconds,
    ...(error !== undefined && { error: plainError(error) }),
  }
}

/** What became of an operation, in plain values. */
export function doneFacts({ seconds, answer, error }: Done): DoneFacts {
  if (error !== undefined) return { result: 'failed', seconds, error: withRepo(error) }
  return { result: 'done', seconds, answer: answer ?? null }
}

function withRepo(error: unknown): Failure {
  const repo = error instanceof MirrorError ? error.repo : undefined
  return { ...plainError(error), ...(repo !== undefined && { repo }) }
}

/** An error in one line; a bug keeps its stack. */
export function errorText({ code, message, stack, repo }: Failure): string {
  const about = repo === undefined ? code : `${code} ${repo}`
  return stack === undefined ? oneLine(`${about}: ${message}`) : `${about}: ${stack}`
}

/** An error in plain values. */
export function plainError(error: unknown): Failure {
  if (error instanceof MirrorError) return { code: error.code, message: error.message }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: 'E_BUG', message, ...(stack !== undefined && { stack }) }
}

/** A failed repository in one line, with what clients still get; a bug keeps its stack. */
export function failureText({ repo, error, generation }: Facts): string {
  const after = generation === null ? 'nothing is served yet' : `generation ${generation} is still served`
  if (error === undefined) return after
  return `${errorText({ ...error, repo })}; ${after}`
}

/** What a run came to, in a word or two: its generation, or the code of its error. */
export function resultText({ result, generation, leftOut, degraded, held, error }: Facts): string {
  if (error !== undefined) return error.code
  if (held !== undefined) return `${result}, held at generation ${held}`
  const lacks = leftOut === undefined ? [] : [`${leftOut} left out`]
  const told = degraded === undefined ? [] : [`degraded: ${degraded}`]
  return [result === 'unchanged' ? result : `generation ${generation}`, ...lacks, ...told].join(', ')
}

/** A guard that kept packages from going, as a person is told. */
export function heldText({ path, files, of }: Held): string {
  return `${path}: ${files} of ${of} packages would be removed at once, more than max_delete; held: mirror gc --accept-deletions removes them`
}
