import { type Database, transaction } from './database.ts'
import { forgetRepo } from './repos.ts'

/** A named set of generations that is published below `snapshots/<name>/`. Until all of it is shown it is `making`. */
export type SnapshotRow = { name: string; state: 'making' | 'made' | 'dropping'; by: string; at: number }

export function snapshotRows(database: Database): SnapshotRow[] {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'snapshot'").get() === undefined) return []
  return database.prepare('SELECT name, state, by, at FROM snapshot ORDER BY at, name').all() as SnapshotRow[]
}

export function addSnapshot(database: Database, { name, state, by, at }: SnapshotRow): void {
  database.prepare('INSERT INTO snapshot VALUES (?, ?, ?, ?)').run(name, state, by, at)
}

export function setSnapshotState(database: Database, name: string, state: SnapshotRow['state']): void {
  database.prepare('UPDATE snapshot SET state = ? WHERE name = ?').run(state, name)
}

/** Forgets a snapshot and all that was recorded below its folder, `snapshots/<name>/`. */
export function forgetSnapshot(database: Database, name: string, folder: string): void {
  const below = database.prepare('SELECT id FROM repo WHERE substr(path, 1, length(:folder)) = :folder').all({ folder })
  transaction(database, () => {
    for (const { id } of below) forgetRepo(database, id as number)
    database.prepare('DELETE FROM snapshot WHERE name = ?').run(name)
  })
}
