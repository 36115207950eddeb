import { MirrorError } from '../../errors.ts'
import type { Repomd } from '../../repodata/repomd.ts'
import type { Accepted } from '../../store/accepted.ts'

/** What tells of two repomd.xml which is the older: the revision, and the newest time of a record in seconds. */
export type Dated = Pick<Accepted, 'revision' | 'timestamp'>

/** No clock is so far ahead, in seconds: what a document says of times beyond that is not believed. */
const aheadSeconds = 86_400

export function datedOf({ revision, records }: Repomd): Dated {
  return { revision, timestamp: Math.max(0, ...records.map(({ timestamp }) => timestamp)) }
}

/** Whether a time (seconds) can be one, as of now (milliseconds). */
export function isCredible(timestamp: number, now: number): boolean {
  return timestamp <= now / 1000 + aheadSeconds
}

/**
 * How a repomd.xml is older than the one that was taken last, in words; undefined where it is not. Integer revisions are
 * compared as such, unless they would be times far in the future: those, and free text, leave it to the timestamps.
 */
export function olderThan(accepted: Dated, found: Dated, now: number): string | undefined {
  const [was, is] = [accepted.revision, found.revision].map((revision) => credibleRevision(revision, now))
  if (was !== undefined && is !== undefined && was !== is)
    return is < was ? `revision ${is}, ${was} was taken before` : undefined
  if (found.timestamp >= accepted.timestamp) return undefined
  return `made ${timeText(found.timestamp)}, one of ${timeText(accepted.timestamp)} was taken before`
}

/** @throws E_ROLLBACK where the document is older than the one that was taken last */
export function guardRollback(accepted: Accepted | undefined, found: Dated & { sha256: string }, now: number): void {
  if (accepted === undefined || accepted.sha256 === found.sha256) return
  const older = olderThan(accepted, found, now)
  if (older === undefined) return
  const advice = 'held: run with --accept-rollback if the upstream has really gone back'
  throw new MirrorError('E_ROLLBACK', `it is older than what the upstream had: ${older}; ${advice}`)
}

/** A fast-forward is not taken for the measure of what comes after it, or nothing real would ever be new enough. */
export function credibly(found: Dated, accepted: Accepted | undefined, now: number): Dated {
  if (isCredible(found.timestamp, now)) return found
  return { revision: accepted?.revision ?? '', timestamp: accepted?.timestamp ?? 0 }
}

/** Which of two is the newer by the same rule, as a comparison that sorts the newest first; a time to come is none. */
export function newestFirst(now: number): (a: Dated, b: Dated) => number {
  return (a, b) => {
    const [one, other] = [credibly(a, undefined, now), credibly(b, undefined, now)]
    if (olderThan(one, other, now) !== undefined) return -1
    return olderThan(other, one, now) === undefined ? 0 : 1
  }
}

export function timeText(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString()
}

function credibleRevision(revision: string, now: number): bigint | undefined {
  const number = /^\d{1,100}$/.test(revision) ? BigInt(revision) : undefined
  return number !== undefined && number <= BigInt(Math.floor(now / 1000) + aheadSeconds) ? number : undefined
}
