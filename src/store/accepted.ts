import type { Database } from './database.ts'

/**
 * The newest repomd.xml that was taken from an upstream, against which the next one is held. `timestamp` is the newest
 * of its records, in seconds; `at` is when it was first taken, in milliseconds.
 */
export type Accepted = { sha256: string; revision: string; timestamp: number; at: number }

/**
 * What was last taken from an upstream of a repo. `upstream` tells several from each other, and one from what took its
 * place in the configuration.
 */
export function lastAccepted(database: Database, repo: number, upstream: string): Accepted | undefined {
  const sql = 'SELECT sha256, revision, timestamp, at FROM accepted WHERE repo = ? AND upstream = ?'
  return database.prepare(sql).get(repo, upstream) as Accepted | undefined
}

/** Remembers what was taken; the time of the same document is that of the first time. What other upstreams had is forgotten. */
export function writeAccepted(
  database: Database,
  repo: number,
  upstream: string,
  { sha256, revision, timestamp, at }: Accepted,
): void {
  const before = lastAccepted(database, repo, upstream)
  const since = before?.sha256 === sha256 ? before.at : at
  database
    .prepare('INSERT OR REPLACE INTO accepted VALUES (?, ?, ?, ?, ?, ?)')
    .run(repo, upstream, sha256, revision, timestamp, since)
}

/** Forgets what was taken from upstreams that are no longer a repo's. */
export function keepAccepted(database: Database, repo: number, upstreams: readonly string[]): void {
  database
    .prepare('DELETE FROM accepted WHERE repo = ? AND upstream NOT IN (SELECT value FROM json_each(?))')
    .run(repo, JSON.stringify(upstreams))
}

/** How old the metadata of a repo's upstreams is that was held still the longest, by its own time and ours (milliseconds). */
export function oldestAccepted(database: Database, repo: number): number | undefined {
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'accepted'").get() === undefined) return undefined
  // A time of nought is none, and one in the future is nobody's.
  const sql =
    'SELECT min(CASE WHEN timestamp > 0 THEN min(timestamp * 1000, at) ELSE at END) AS oldest FROM accepted WHERE repo = ?'
  return (database.prepare(sql).get(repo)?.oldest ?? undefined) as number | undefined
}
