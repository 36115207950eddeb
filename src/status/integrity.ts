import { type Held, heldDeletions } from '../lifecycle/sweep.ts'
import { readDamage, readScrub } from '../lifecycle/verify/scrub.ts'
import { poolBytes } from '../store/content.ts'
import type { Database } from '../store/database.ts'

/** What reading everything again has come to, and what waits for somebody. */
export type Integrity = {
  /** Problems that are left, in a line each. */
  damage: readonly string[]
  /** Deletions that a guard holds. */
  held: readonly Held[]
  /** The pass under way: when it began (milliseconds; undefined before the first), how much of the pool it has read, 0 to 1. */
  scrub: { began: number | undefined; progress: number; ended: number | undefined; mended: number }
}

export function integrityOf(database: Database): Integrity {
  const { began, bytes, ended, mended, at } = readScrub(database)
  const progress = Math.min(1, bytes / Math.max(1, poolBytes(database)))
  return {
    damage: readDamage(database),
    held: heldDeletions(database),
    scrub: { began: at === 0 ? undefined : began, progress, ended, mended },
  }
}
