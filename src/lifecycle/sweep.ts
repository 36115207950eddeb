import { readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Destination } from '../publish/publish.ts'
import { contentRows } from '../store/content.ts'
import { type Database, transaction } from '../store/database.ts'
import { fsyncDirectory } from '../store/durable.ts'
import { findRepo } from '../store/generations.ts'
import type { State } from '../store/state.ts'
import { openTree } from '../store/tree.ts'

/** A content that nothing names is kept for a day, in case a run that was cut short wants it again. */
const orphanMs = 24 * 60 * 60 * 1000

/** What a sweep took away. */
export type Swept = { files: number; contents: number; bytes: number }

/** `dryRun` removes nothing and counts what would be; `isWhole` looks through the pool though it was not long ago. */
export type Sweeping = { dryRun?: boolean; isWhole?: boolean }

/**
 * Removes what no retained generation names any more: first files of published trees whose time is over, then
 * contents of the pool that only the pool holds. To be run while nothing else writes.
 * @param retain how long a superseded generation stays, by publish path, in milliseconds
 */
export function sweep(
  state: State,
  retain: ReadonlyMap<string, number>,
  now = Date.now(),
  { dryRun = false, isWhole = false }: Sweeping = {},
): Swept {
  let files = 0
  for (const [path, retainMs] of retain) {
    const repo = findRepo(state.database, path)
    if (repo !== undefined) files += sweepTree(state, { repo, path }, now - retainMs, dryRun)
  }
  if (files === 0 && !isWhole && !isDue(state.database, now)) return { files, contents: 0, bytes: 0 }
  if (!dryRun) sweepParts(state, now)
  return { files, ...sweepPool(state, now, dryRun) }
}

/** Parts of downloads that no run has taken up again for a day: the upstream may not have their files any more. */
function sweepParts({ tmp }: State, now: number): void {
  const folder = join(tmp, 'left')
  for (const name of readdirSync(folder)) {
    const part = join(folder, name)
    if (now - statSync(part).ctimeMs >= orphanMs) rmSync(part)
  }
}

/** Files go before their rows: a row without a file is swept again, a file without a row would stay for ever. */
function sweepTree(state: State, { repo, path }: Destination, before: number, dryRun: boolean): number {
  const { database, root } = state
  const oldest = database
    .prepare('SELECT min(number) AS n FROM generation WHERE repo = ? AND (superseded IS NULL OR superseded > ?)')
    .get(repo, before)?.n as number | null
  if (oldest === null) return 0
  const expired = database
    .prepare(`SELECT path FROM member AS m WHERE repo = ? AND last < ? AND NOT EXISTS (
      SELECT 1 FROM member WHERE repo = m.repo AND path = m.path AND (last IS NULL OR last >= ?))`)
    .all(repo, oldest, oldest)
    .map((row) => row.path as string)
  if (dryRun) return expired.length
  const tree = openTree(root, path)
  for (const file of expired) rmSync(tree.absolute(file), { force: true })
  for (const directory of new Set(expired.map((file) => dirname(tree.absolute(file))))) fsyncIfThere(directory)
  transaction(database, () => {
    database.prepare('DELETE FROM member WHERE repo = ? AND last < ?').run(repo, oldest)
    database.prepare('DELETE FROM generation WHERE repo = ? AND number < ?').run(repo, oldest)
  })
  return expired.length
}

function fsyncIfThere(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false }) !== undefined) fsyncDirectory(directory)
}

/** Without anything removed from a tree, the pool is looked through once a day. */
function isDue(database: Database, now: number): boolean {
  const last = Number(database.prepare("SELECT value FROM meta WHERE key = 'swept'").get()?.value ?? 0)
  return now - last > orphanMs || last > now
}

function sweepPool({ database, pool }: State, now: number, dryRun: boolean): Omit<Swept, 'files'> {
  let named: Set<string> | undefined
  const rows = contentRows(database)
  let contents = 0
  let bytes = 0
  for (const shard of readdirSync(pool.folder)) {
    for (const name of readdirSync(join(pool.folder, shard))) {
      const stat = statSync(pool.path(name), { throwIfNoEntry: false })
      if (stat === undefined || stat.nlink > 1 || now - stat.ctimeMs < orphanMs) continue
      named ??= namedContents(database)
      if (named.has(name)) continue
      contents++
      bytes += stat.size
      if (dryRun) continue
      rows.forget(name)
      rmSync(pool.path(name), { force: true })
    }
  }
  if (dryRun) return { contents, bytes }
  database
    .prepare("INSERT INTO meta VALUES ('swept', ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(String(now))
  return { contents, bytes }
}

/** Contents that a retained generation names; a link may be missing from its tree and is then put back from here. */
function namedContents(database: Database): Set<string> {
  const sql = 'SELECT sha256 AS digest FROM member UNION SELECT repomd FROM generation'
  const named = new Set<string>()
  for (const { digest } of database.prepare(sql).iterate()) named.add(Buffer.from(digest as Uint8Array).toString('hex'))
  return named
}
