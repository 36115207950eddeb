import { snapshotsFolder } from '../config/channels.ts'
import { type Database, transaction } from '../store/database.ts'
import { type Generation, generations, markPublished } from '../store/generations.ts'
import { memberRows } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { openTree } from '../store/tree.ts'
import { companions, placeFixedNames, removeCompanions } from './fixedNames.ts'
import { shownRepomd } from './publish.ts'
import { recoverSnapshots } from './snapshots.ts'

/**
 * Settles what a killed publish left behind, for one repo or all: the repomd.xml on disk decides whether a prepared
 * generation was published. One that was not is taken back: its new files go, what it was to replace goes on, and
 * what it has replaced already comes back.
 */
export function recover(state: Pick<State, 'root' | 'database' | 'pool'>, only?: string): void {
  const { database, root, pool } = state
  // The trees of a snapshot are shown by another name than a pointer.
  if (only === undefined || only === snapshotsFolder) recoverSnapshots(state)
  const repos = database.prepare('SELECT id, path FROM repo').all() as { id: number; path: string }[]
  for (const { id, path } of repos) {
    if (only !== undefined && path !== only) continue
    const all = generations(database, id)
    const prepared = all.find((generation) => generation.state === 'prepared')
    if (prepared === undefined) continue
    const tree = openTree(root, path)
    // Where both have the same one, with other files beside it, it says nothing of these: the one before is put back.
    const isSame = all.findLast(({ state: of }) => of === 'published')?.repomd === prepared.repomd
    if (shownRepomd(tree) === prepared.repomd && !isSame) {
      transaction(database, () => markPublished(database, id, prepared.number, prepared.created))
      continue
    }
    for (const file of onlyIn(database, id, prepared)) tree.remove(file)
    const members = memberRows(database, id)
    // Packages among them: what is promoted may have another content under a name that was in use.
    const replaced = members.replacedBy(prepared.number).filter(({ path: file }) => !companions.includes(file))
    transaction(database, () => takeBack(database, id, prepared))
    const fixed = members.fixedNames()
    placeFixedNames(pool, tree, [...replaced, ...fixed])
    removeCompanions(tree, fixed)
  }
}

/** Paths that no other retained generation has. */
function onlyIn(database: Database, repo: number, { number }: Generation): string[] {
  const sql = `SELECT path FROM member AS m WHERE repo = ? AND first = ?
    AND NOT EXISTS (SELECT 1 FROM member WHERE repo = m.repo AND path = m.path AND first < m.first)`
  return database
    .prepare(sql)
    .all(repo, number)
    .map((row) => row.path as string)
}

function takeBack(database: Database, repo: number, { number }: Generation): void {
  database.prepare('DELETE FROM member WHERE repo = ? AND first = ?').run(repo, number)
  database.prepare('UPDATE member SET last = NULL WHERE repo = ? AND last = ?').run(repo, number - 1)
  database.prepare('DELETE FROM generation WHERE repo = ? AND number = ?').run(repo, number)
  database.prepare('DELETE FROM origin WHERE repo = ? AND generation = ?').run(repo, number)
  database.prepare('DELETE FROM hold WHERE repo = ? AND generation = ?').run(repo, number)
}
