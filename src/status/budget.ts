import type { Database } from '../store/database.ts'
import { budgetMs, firstRun, newestSuccess, spacedSuccesses } from '../store/runs.ts'

/** How long the last success was older than allowed, of how long that can be said; milliseconds, of 30 days at most. */
export type Budget = { missedMs: number; overMs: number }

/**
 * The error budget that a repo has used: for how much of the last 30 days, or of the time since its first run, the last
 * successful run then had begun more than `withinMs` before. A page view does not read a month of rows: of runs that are
 * near enough to each other only the outer ones count.
 */
export function usedBudget(database: Database, repo: number, withinMs: number, now: number): Budget {
  const from = Math.max(now - budgetMs, firstRun(database, repo) ?? now)
  let last = newestSuccess(database, repo, from) ?? from
  let counted = from
  let missedMs = 0
  for (const { at, ended } of [...spacedSuccesses(database, repo, last, withinMs), { at: now, ended: now }]) {
    const until = Math.min(ended, now)
    missedMs += Math.max(0, until - Math.max(last + withinMs, counted))
    counted = until
    last = at
  }
  return { missedMs, overMs: Math.max(0, now - from) }
}
