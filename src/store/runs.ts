import { type Database, transaction } from './database.ts'

/** How one run of a repo ended. Times are milliseconds; bytes came over the network. */
export type RunRecord = {
  at: number
  milliseconds: number
  /** `skipped`: nothing was found wrong, and nothing newer could be had, so that it is no success either. */
  result: 'published' | 'unchanged' | 'skipped' | 'failed' | 'interrupted'
  /** The error's line where it failed, or what its result lacks. */
  message: string | undefined
  added: number
  removed: number
  bytes: number
}

/** How far back an error budget looks, in milliseconds. */
export const budgetMs = 30 * 86_400_000

/** A day more than an error budget needs: its first success may be from before. */
const keptMs = budgetMs + 86_400_000
const keptLeast = 200
const keptMost = 5000

export function recordRun(database: Database, repo: number, run: RunRecord): void {
  const { at, milliseconds, result, message, added, removed, bytes } = run
  transaction(database, () => {
    database
      .prepare('INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(repo, at, milliseconds, result, message ?? null, added, removed, bytes)
    forgetRuns(database, repo, at)
  })
}

const success = "result IN ('published', 'unchanged')"

/** By time, by number where runs are few or very many; never the newest success, whose age is still asked for. */
function forgetRuns(database: Database, repo: number, now: number): void {
  const nth = (count: string) => `(SELECT at FROM run WHERE repo = :repo ORDER BY at DESC LIMIT 1 OFFSET ${count} - 1)`
  const sql = `DELETE FROM run WHERE repo = :repo
    AND (at < min(:oldest, ${nth(':least')}) OR at < ${nth(':most')})
    AND at IS NOT (SELECT at FROM run WHERE repo = :repo AND ${success} ORDER BY at DESC LIMIT 1)`
  database.prepare(sql).run({ repo, oldest: now - keptMs, least: keptLeast, most: keptMost })
}

/** The newest runs of a repo, newest first. */
export function lastRuns(database: Database, repo: number, count: number): RunRecord[] {
  const rows = database
    .prepare(
      'SELECT at, milliseconds, result, message, added, removed, bytes FROM run WHERE repo = ? ORDER BY at DESC LIMIT ?',
    )
    .all(repo, count)
  return rows.map((row) => ({
    ...(row as unknown as RunRecord),
    message: (row.message as string | null) ?? undefined,
  }))
}

/** When the newest run began that was not interrupted. */
export function lastWhole(database: Database, repo: number): number | undefined {
  const sql = "SELECT at FROM run WHERE repo = ? AND result != 'interrupted' ORDER BY at DESC LIMIT 1"
  return database.prepare(sql).get(repo)?.at as number | undefined
}

/** When the newest successful run began that had ended by `ended`. */
export function newestSuccess(database: Database, repo: number, ended: number): number | undefined {
  const sql = `SELECT at FROM run WHERE repo = ? AND at <= ? AND at + milliseconds <= ? AND ${success}
    ORDER BY at DESC LIMIT 1`
  return database.prepare(sql).get(repo, ended, ended)?.at as number | undefined
}

/**
 * The successful runs that began after `after`, in their order, without those between two of which the later one ended
 * within `apart` of the earlier one's beginning: it steps from one to the last that is near enough, or else to the next.
 */
export function spacedSuccesses(
  database: Database,
  repo: number,
  after: number,
  apart: number,
): { at: number; ended: number }[] {
  const later = `SELECT at FROM run WHERE repo = :repo AND at > hop.at AND ${success}`
  const sql = `WITH RECURSIVE hop (at, ended) AS (
      VALUES (:after, :after)
      UNION ALL
      SELECT run.at, run.at + run.milliseconds FROM hop JOIN run ON run.repo = :repo AND run.at = coalesce(
        (${later} AND at <= hop.at + :apart AND at + milliseconds <= hop.at + :apart ORDER BY at DESC LIMIT 1),
        (${later} ORDER BY at LIMIT 1)))
    SELECT at, ended FROM hop LIMIT -1 OFFSET 1`
  return database.prepare(sql).all({ repo, after, apart }) as { at: number; ended: number }[]
}

/** When the oldest run began that is still remembered. */
export function firstRun(database: Database, repo: number): number | undefined {
  return database.prepare('SELECT at FROM run WHERE repo = ? ORDER BY at LIMIT 1').get(repo)?.at as number | undefined
}
