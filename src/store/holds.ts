import type { Database } from './database.ts'

/** That a repo stays at the generation that it was rolled back to, until it is released. `at` in milliseconds. */
export type Hold = { generation: number; by: string; at: number }

/** Part of the transaction that prepares the generation. */
export function hold(database: Database, repo: number, { generation, by, at }: Hold): void {
  database.prepare('INSERT OR REPLACE INTO hold VALUES (?, ?, ?, ?)').run(repo, generation, by, at)
}

export function holdOf(database: Database, repo: number): Hold | undefined {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'hold'").get() === undefined) return undefined
  return database.prepare('SELECT generation, by, at FROM hold WHERE repo = ?').get(repo) as Hold | undefined
}

/** Whether there was one. */
export function release(database: Database, repo: number): boolean {
  return database.prepare('DELETE FROM hold WHERE repo = ?').run(repo).changes > 0
}
