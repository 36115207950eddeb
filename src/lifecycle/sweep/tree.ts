import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Destination } from '../../publish/publish.ts'
import { type Database, transaction } from '../../store/database.ts'
import { fsyncDirectory } from '../../store/durable.ts'
import type { State } from '../../store/state.ts'
import { openTree } from '../../store/tree.ts'
import { isHeld, type Keeping } from './guard.ts'
import { removeFile } from './remove.ts'

/** What a tree lost, or why nothing was taken from it: more packages than its guard lets go at once, of so many. */
export type SweptTree = { files: number; held?: { files: number; of: number } }

/**
 * Removes from a published tree what no retained generation names. Files go before their rows: a row without a file is
 * swept again, a file without a row would stay for ever.
 * @param before generations that were superseded later are retained, in milliseconds
 */
export function sweepTree(
  state: State,
  { repo, path }: Destination,
  before: number,
  { generations, maxDelete }: Keeping,
  dryRun: boolean,
): SweptTree {
  const { database, root } = state
  const oldest = oldestRetained(database, repo, before, generations)
  if (oldest === undefined) return { files: 0 }
  const expired = expiredMembers(database, repo, oldest)
  const packages = expired.filter(({ kind }) => kind === 'package').length
  const of = packages === 0 ? 0 : countPackages(database, repo)
  if (isHeld(packages, of, maxDelete)) return { files: 0, held: { files: packages, of } }
  if (dryRun) return { files: expired.length }
  const tree = openTree(root, path)
  // Behind a link is somebody else's.
  const own = expired.filter((member) => tree.isOwn(member.path)).map((member) => tree.absolute(member.path))
  for (const file of own) removeFile(file)
  for (const directory of new Set(own.map((file) => dirname(file)))) fsyncIfThere(directory)
  transaction(database, () => {
    database.prepare('DELETE FROM member WHERE repo = ? AND last < ?').run(repo, oldest)
    database.prepare('DELETE FROM generation WHERE repo = ? AND number < ?').run(repo, oldest)
  })
  return { files: expired.length }
}

/** By time, and by number where so many before the current one are kept whatever their age; undefined for all of them. */
function oldestRetained(database: Database, repo: number, before: number, generations: number): number | undefined {
  const byTime = database
    .prepare('SELECT min(number) AS n FROM generation WHERE repo = ? AND (superseded IS NULL OR superseded > ?)')
    .get(repo, before)?.n as number | null
  const byCount = database
    .prepare('SELECT number AS n FROM generation WHERE repo = ? ORDER BY number DESC LIMIT 1 OFFSET ?')
    .get(repo, generations)?.n as number | undefined
  if (byTime === null || byCount === undefined) return generations === 0 ? (byTime ?? undefined) : undefined
  return Math.min(byTime, byCount)
}

function expiredMembers(database: Database, repo: number, oldest: number): { path: string; kind: string }[] {
  const sql = `SELECT path, kind FROM member AS m WHERE repo = ? AND last < ? AND NOT EXISTS (
    SELECT 1 FROM member WHERE repo = m.repo AND path = m.path AND (last IS NULL OR last >= ?))`
  return database.prepare(sql).all(repo, oldest, oldest) as { path: string; kind: string }[]
}

function countPackages(database: Database, repo: number): number {
  const sql = "SELECT count(DISTINCT path) AS n FROM member WHERE repo = ? AND kind = 'package'"
  return Number(database.prepare(sql).get(repo)?.n)
}

function fsyncIfThere(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false }) !== undefined) fsyncDirectory(directory)
}
