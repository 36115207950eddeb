import { type Code, MirrorError, oneLine } from '../errors.ts'
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
  /** What those who read it must put up with. */
  degraded?: 'unhashed names'
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
    ...(summary !== undefined && summary.unhashed.length > 0 && { degraded: 'unhashed names' as const }),
    seconds,
    ...(error !== undefined && { error: plainError(error) }),
  }
}

/** An error in plain values. */
export function plainError(error: unknown): NonNullable<Facts['error']> {
  if (error instanceof MirrorError) return { code: error.code, message: error.message }
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { code: 'E_BUG', message, ...(stack !== undefined && { stack }) }
}

/** A failed repository in one line, with what clients still get; a bug keeps its stack. */
export function failureText({ repo, error, generation }: Facts): string {
  const after = generation === null ? 'nothing is served yet' : `generation ${generation} is still served`
  if (error === undefined) return after
  const { code, message, stack } = error
  return `${stack === undefined ? oneLine(`${code} ${repo}: ${message}`) : `${code} ${repo}: ${stack}`}; ${after}`
}

/** What a run came to, in a word or two: its generation, or the code of its error. */
export function resultText({ result, generation, leftOut, degraded, error }: Facts): string {
  if (error !== undefined) return error.code
  const lacks = leftOut === undefined ? [] : [`${leftOut} left out`]
  const told = degraded === undefined ? [] : [`degraded: ${degraded}`]
  return [result === 'unchanged' ? result : `generation ${generation}`, ...lacks, ...told].join(', ')
}
