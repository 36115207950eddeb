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

/** A file of the pool: its name and its path. */
type PoolFile = { name: string; file: string }

/**
 * Removes contents that no retained generation names: those that only the pool holds for a day, or with `isAll` every
 * one, whoever else has a link to it.
 */
export function sweepPool(
  { database, pool }: State,
  now: number,
  { dryRun, isAll }: { dryRun: boolean; isAll: boolean },
): SweptPool {
  const named = namedContents(database)
  // What is to go whatever its age needs no look at its file where its row has the size.
  const sizes = isAll ? orphanSizes(database) : new Map<string, number>()
  const gone: PoolFile[] = []
  let bytes = 0
  for (const at of poolFiles(pool.folder)) {
    if (named.has(at.name)) continue
    const size = sizes.get(at.name) ?? sizeToRemove(at.file, isAll ? undefined : now - orphanMs)
    if (size === undefined) continue
    gone.push(at)
    bytes += size
  }
  if (dryRun) return { contents: gone.length, bytes }
  // Rows go first: what has one counts as there.
  contentRows(database).forget(gone.map(({ name }) => name))
  for (const { file } of gone) removeFile(file)
  setMeta(database, 'swept', String(now))
  return { contents: gone.length, bytes }
}

/** The files of the pool, by name; a link in place of one of its folders is not followed. */
function* poolFiles(pool: string): Generator<PoolFile> {
  for (const shard of readdirSync(pool, { withFileTypes: true })) {
    if (!shard.isDirectory()) continue
    const folder = join(pool, shard.name)
    for (const name of readdirSync(folder)) if (name.startsWith(shard.name)) yield { name, file: `${folder}/${name}` }
  }
}

/** The size of a file that may go: where a time is given, only if no other name has it and nobody touched it since. */
function sizeToRemove(file: string, before: number | undefined): number | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false })
  if (stat?.isFile() !== true) return undefined
  return before !== undefined && (stat.nlink > 1 || stat.ctimeMs > before) ? undefined : stat.size
}

const names = 'SELECT sha256 FROM member UNION SELECT repomd FROM generation'

/** Contents that a retained generation names; a link may be missing from its tree and is then put back from here. */
function namedContents(database: Database): Set<string> {
  const named = new Set<string>()
  for (const { digest } of database.prepare(`SELECT lower(hex(sha256)) AS digest FROM (${names})`).iterate())
    named.add(digest as string)
  return named
}

/** The sizes of contents that none names, as their rows have them. */
function orphanSizes(database: Database): Map<string, number> {
  const sql = `SELECT lower(hex(sha256)) AS digest, size FROM content WHERE sha256 NOT IN (${names})`
  const sizes = new Map<string, number>()
  for (const { digest, size } of database.prepare(sql).iterate()) sizes.set(digest as string, size as number)
  return sizes
}

/** Parts of downloads that no run has taken up again for a day: the upstream may not have their files any more. */
export function sweepParts({ tmp }: State, now: number): void {
  const folder = join(tmp, 'left')
  for (const name of readdirSync(folder)) {
    const part = join(folder, name)
    if (now - statSync(part).ctimeMs >= orphanMs) removeFile(part)
  }
}
