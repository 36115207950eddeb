import type { Database } from './database.ts'

/** All that may be said of a repository. */
const tables = ['member', 'generation', 'origin', 'hold', 'look', 'run', 'seen', 'accepted', 'gpgkey']

/** A repository with its current generation; bytes are those of its packages, times milliseconds. */
export type PublishedRepo = { id: number; path: string; packages: number; bytes: number; created: number }

/** Every repository that shows something, by path. */
export function publishedRepos(database: Database): PublishedRepo[] {
  const sql = `SELECT repo.id, path, packages, bytes, created FROM repo JOIN generation ON generation.repo = repo.id
    WHERE superseded IS NULL AND state = 'published' ORDER BY path`
  return database.prepare(sql).all() as PublishedRepo[]
}

/** Forgets a repository and all that was recorded of it. */
export function forgetRepo(database: Database, id: number): void {
  for (const table of tables) database.prepare(`DELETE FROM ${table} WHERE repo = ?`).run(id)
  database.prepare('DELETE FROM repo WHERE id = ?').run(id)
}
