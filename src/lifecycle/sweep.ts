import { type Database, getMeta, setMeta } from '../store/database.ts'
import { findRepo } from '../store/generations.ts'
import type { State } from '../store/state.ts'
import { type Keeping, usualKeeping } from './sweep/guard.ts'
import { orphanMs, sweepParts, sweepPool } from './sweep/pool.ts'
import { sweepTree } from './sweep/tree.ts'

/** A published tree that would have lost too many packages at once. */
export type Held = { path: string; files: number; of: number }

/** What a sweep took away, or would; `held` where a guard kept something from going. */
export type Swept = { files: number; contents: number; bytes: number; held?: Held[] }

/**
 * `dryRun` removes nothing and counts what would be; `isWhole` looks through the pool though it was not long ago; `isAll`
 * does not let contents that nothing names stay for a day; `acceptDeletions` asks no guard.
 */
export type Sweeping = {
  dryRun?: boolean
  isWhole?: boolean
  isAll?: boolean
  acceptDeletions?: boolean
  /** What stays besides, by publish path. */
  keeping?: ReadonlyMap<string, Keeping>
}

/**
 * Removes what no retained generation names any more: first files of published trees whose time is over, then
 * contents of the pool that only the pool holds. To be run while nothing else writes.
 * @param retain how long a superseded generation stays, by publish path, in milliseconds
 */
export function sweep(
  state: State,
  retain: ReadonlyMap<string, number>,
  now = Date.now(),
  { dryRun = false, isWhole = false, isAll = false, acceptDeletions = false, keeping }: Sweeping = {},
): Swept {
  let files = 0
  const held: Held[] = []
  for (const [path, retainMs] of retain) {
    const repo = findRepo(state.database, path)
    if (repo === undefined) continue
    const { generations, maxDelete } = keeping?.get(path) ?? usualKeeping
    const kept = { generations, maxDelete: acceptDeletions ? undefined : maxDelete }
    const swept = sweepTree(state, { repo, path }, now - retainMs, kept, dryRun)
    files += swept.files
    if (swept.held !== undefined) held.push({ path, ...swept.held })
  }
  if (!dryRun) rememberHeld(state.database, held)
  const told = held.length === 0 ? {} : { held }
  if (files === 0 && !isWhole && !isDue(state.database, now)) return { files, contents: 0, bytes: 0, ...told }
  if (!dryRun) sweepParts(state, now)
  return { files, ...sweepPool(state, now, { dryRun, isAll }), ...told }
}

/** Without anything removed from a tree, the pool is looked through once a day. */
function isDue(database: Database, now: number): boolean {
  const last = Number(getMeta(database, 'swept') ?? 0)
  return now - last > orphanMs || last > now
}

function rememberHeld(database: Database, held: readonly Held[]): void {
  if (held.length > 0 || getMeta(database, 'held') !== undefined) setMeta(database, 'held', JSON.stringify(held))
}

/** What guards kept from going at the last sweep. */
export function heldDeletions(database: Database): Held[] {
  return JSON.parse(getMeta(database, 'held') ?? '[]') as Held[]
}
