import { lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { contentRows } from '../../store/content.ts'
import { type Database, setMeta } from '../../store/database.ts'
import type { State } from '../../store/state.ts'
import { removeFile } from './remove.ts'

/** A content that nothing names is kept for a day, in case a run that was cut short wants it again. */
export const orphanMs = 24 * 60 * 60 * 1000

/** Contents that went, and their bytes. */
export type SweptPool = { contents: number; bytes: number }

/**
 * Removes contents that no retained generation names: those that only the pool holds for a day, or with `isAll` every
 * one, whoever else has a link to it.
 */
export function sweepPool(
  { database, pool }: State,
  now: number,
  { dryRun, isAll }: { dryRun: boolean; isAll: boolean },
): SweptPool {
  let named: Set<string> | undefined
  const gone: string[] = []
  let bytes = 0
  for (const name of poolNames(pool.folder)) {
    const stat = lstatSync(pool.path(name), { throwIfNoEntry: false })
    if (stat?.isFile() !== true) continue
    if (!isAll && (stat.nlink > 1 || now - stat.ctimeMs < orphanMs)) continue
    named ??= namedContents(database)
    if (named.has(name)) continue
    gone.push(name)
    bytes += stat.size
  }
  if (dryRun) return { contents: gone.length, bytes }
  // Rows go first: what has one counts as there.
  contentRows(database).forgetAll(gone)
  for (const name of gone) removeFile(pool.path(name))
  setMeta(database, 'swept', String(now))
  return { contents: gone.length, bytes }
}

/** The names of contents in the pool; a link in place of one of its folders is not followed. */
function* poolNames(folder: string): Generator<string> {
  for (const shard of readdirSync(folder, { withFileTypes: true })) {
    if (!shard.isDirectory()) continue
    for (const name of readdirSync(join(folder, shard.name))) if (name.startsWith(shard.name)) yield name
  }
}

/** Contents that a retained generation names; a link may be missing from its tree and is then put back from here. */
function namedContents(database: Database): Set<string> {
  const sql = 'SELECT lower(hex(sha256)) AS digest FROM member UNION SELECT lower(hex(repomd)) FROM generation'
  const named = new Set<string>()
  for (const { digest } of database.prepare(sql).iterate()) named.add(digest as string)
  return named
}

/** Parts of downloads that no run has taken up again for a day: the upstream may not have their files any more. */
export function sweepParts({ tmp }: State, now: number): void {
  const folder = join(tmp, 'left')
  for (const name of readdirSync(folder)) {
    const part = join(folder, name)
    if (now - statSync(part).ctimeMs >= orphanMs) removeFile(part)
  }
}
