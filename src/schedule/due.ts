import { createHash } from 'node:crypto'
import type { Window } from '../config/paceKeys.ts'
import { nextAfter, parseCron } from './cron.ts'
import { within } from './window.ts'

/**
 * When a repository is to be synced: a cron expression in a time zone, over how long runs are spread, and between which times
 * of the day they may begin.
 */
export type Timing = { id: string; schedule: string; timeZone: string; jitterMs: number; window?: Window | undefined }

/** A last run that lies further ahead than this was recorded by a clock that was wrong. */
const clockSlackMs = 24 * 60 * 60 * 1000

/**
 * When a repository is due next, in milliseconds since the epoch.
 * @param last when its last run began; undefined, and it is due at once
 * @param since when the scheduler began: what was missed before that is made up for by one run, a while after it
 */
export function dueAt(timing: Timing, last: number | undefined, since: number): number | undefined {
  if (last === undefined) return within(timing.window, since, timing.timeZone)
  const offset = offsetOf(timing)
  const next = nextAfter(parseCron(timing.schedule), last - offset, timing.timeZone)
  return next === undefined ? undefined : within(timing.window, Math.max(next, since) + offset, timing.timeZone)
}

/**
 * By how many milliseconds the runs of a repository are put off, so that not all come in the same instant, here and at
 * the upstream's other mirrors: always the same for one id.
 */
export function offsetOf({ id, jitterMs }: Pick<Timing, 'id' | 'jitterMs'>): number {
  const seed = createHash('sha256').update(id).digest().readUInt32BE(0)
  return Math.floor((seed / 2 ** 32) * jitterMs)
}

/** The time of the last run as far as it can be believed now. */
export function believed(last: number | undefined, now: number): number | undefined {
  return last !== undefined && last - now > clockSlackMs ? now : last
}
