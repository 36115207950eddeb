import { setTimeout as sleep } from 'node:timers/promises'
import { type Code, MirrorError } from '../errors.ts'

export type RetryPolicy = { retries: number; retryDelayMs: number }

/** The longest waits between two tries: of our own accord, and because a Retry-After asks for it. */
const maxBackoffMs = 10_000
export const maxRetryAfterMs = 60_000

/** Statuses that may be gone at the next try. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504])

const retried = new Set<Code>(['E_CONNECT', 'E_SLOW', 'E_TRUNCATED'])

/** An error status together with what the server said about coming back. */
export class StatusError extends MirrorError {
  readonly status: number
  readonly retryAfterMs: number | undefined
  /** Set where every place that was tried said that it does not have the file. */
  goneEverywhere = false

  constructor(message: string, status: number, retryAfterMs: number | undefined) {
    super('E_HTTP', message)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/** Whether an error says, itself or by its cause, that the upstream does not have the file. */
export function isGone(error: unknown): boolean {
  const status = statusErrorIn(error)?.status
  return status === 404 || status === 410
}

/** Whether all places said so: another one that is down may well have the file. */
export function isGoneEverywhere(error: unknown): boolean {
  return statusErrorIn(error)?.goneEverywhere === true
}

function statusErrorIn(error: unknown): StatusError | undefined {
  if (error instanceof StatusError) return error
  return error instanceof MirrorError ? statusErrorIn(error.cause) : undefined
}

/**
 * Runs an attempt until it succeeds, fails for good, or has failed `retries` times more. Waits longer each time, with
 * jitter, up to ten seconds, or as long as Retry-After says up to a minute. The last error says how many attempts there were.
 * @param places how many places there are to try: before each was tried once, no failure is for good or waited after
 */
export async function withRetry<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  attempt: (tries: number) => Promise<T>,
  places = 1,
): Promise<T> {
  const gone: boolean[] = []
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(tries)
    } catch (error) {
      if (signal.aborted || !(error instanceof MirrorError)) throw error
      gone.push(isGone(error))
      if (error instanceof StatusError) error.goneEverywhere = gone.slice(-places).every(Boolean)
      if (tries < places) continue
      if (!isPassing(error) || tries >= policy.retries + places) throw afterTries(error, tries)
      await sleep(delay(error, tries, policy), undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

/** Whether a failure may be gone at the next try. */
export function isPassing(error: MirrorError): boolean {
  return error instanceof StatusError ? passing.has(error.status) : retried.has(error.code)
}

/** How long to wait after a failure, in milliseconds: the longer, the more `tries` there were. */
export function delay(error: MirrorError, tries: number, { retryDelayMs }: RetryPolicy): number {
  const asked = error instanceof StatusError ? error.retryAfterMs : undefined
  // Not everybody who was sent away comes back in the same instant.
  if (asked !== undefined)
    return Math.min(asked * (1 + Math.random() / 10), maxRetryAfterMs * (0.9 + Math.random() / 10))
  return Math.min(retryDelayMs * 2 ** (tries - 1), maxBackoffMs) * (0.5 + Math.random() / 2)
}

function afterTries(error: MirrorError, tries: number): MirrorError {
  if (tries > 1) error.message += ` (after ${tries} attempts)`
  return error
}

/** Every form of an HTTP date begins with the day of the week (RFC 9110 section 5.6.7); Date.parse reads far more. */
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/

/** Reads Retry-After: seconds or an HTTP date; undefined for anything else. */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined
  if (/^\d{1,10}$/.test(value.trim())) return Number(value) * 1000
  const date = httpDate.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
