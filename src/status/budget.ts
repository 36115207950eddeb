import type { Database } from '../store/database.ts'
import { budgetMs, firstRun, successes } from '../store/runs.ts'

/** How long the last success was older than allowed, of how long that can be said; milliseconds, of 30 days at most. */
export type Budget = { missedMs: number; overMs: number }

/**
 * The error budget that a repo has used: for how much of the last 30 days, or of the time since its first run, the last
 * successful run then had begun more than `withinMs` before. Asks for one success in each `withinMs` of that time: what
 * lies between such two is no further apart, so that a page view does not read a month of rows.
 */
export function usedBudget(database: Database, repo: number, withinMs: number, now: number): Budget {
  const from = Math.max(now - budgetMs, firstRun(database, repo) ?? now)
  const runs = successes(database, repo)
  let missedMs = 0
  let at: number | undefined = runs.newest(from) ?? from
  let counted = from
  while (at !== undefined) {
    const covering = runs.newest(Math.min(at + withinMs, now), at)
    const following: ReturnType<typeof runs.next> = covering === undefined ? runs.next(at) : undefined
    if (covering === undefined) {
      const until = Math.min(following?.ended ?? now, now)
      missedMs += Math.max(0, until - Math.max(at + withinMs, counted))
      counted = until
    }
    at = covering ?? (following !== undefined && following.ended < now ? following.at : undefined)
  }
  return { missedMs, overMs: Math.max(0, now - from) }
}
