import { type Database, transaction } from './database.ts'

/** How one run of a repo ended. Times are milliseconds; bytes came over the network. */
export type RunRecord = {
  at: number
  milliseconds: number
  result: 'published' | 'unchanged' | 'failed' | 'interrupted'
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

/** Questions about a repo's successful runs, each answered by its index; a run has ended `milliseconds` after `at`. */
export function successes(database: Database, repo: number) {
  const newest = database.prepare(
    `SELECT at FROM run WHERE repo = ? AND at > ? AND at <= ? AND at + milliseconds <= ? AND ${success}
      ORDER BY at DESC LIMIT 1`,
  )
  const next = database.prepare(
    `SELECT at, at + milliseconds AS ended FROM run WHERE repo = ? AND at > ? AND ${success} ORDER BY at LIMIT 1`,
  )

  return {
    /** When the newest run began that began after `after` and had ended by `ended`. */
    newest(ended: number, after = -1): number | undefined {
      return newest.get(repo, after, ended, ended)?.at as number | undefined
    },

    /** The first run that began after `after`. */
    next(after: number): { at: number; ended: number } | undefined {
      return next.get(repo, after) as { at: number; ended: number } | undefined
    },
  }
}

/** When the oldest run began that is still remembered. */
export function firstRun(database: Database, repo: number): number | undefined {
  return database.prepare('SELECT at FROM run WHERE repo = ? ORDER BY at LIMIT 1').get(repo)?.at as number | undefined
}
