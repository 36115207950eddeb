import type { Database } from '../store/database.ts'

/** What a published tree has, in bytes: of all its retained names, and of contents that no other tree has. */
export type TreeUsage = { path: string; names: number; logical: number; own: number }

/** All trees, and the pool: what is in it, and what of it nothing names. */
export type Usage = { trees: TreeUsage[]; contents: number; physical: number; unnamed: number }

/** Added up from the database: no file is looked at. Each content is one inode, however many trees have it. */
export function usageOf(database: Database): Usage {
  const named = 'SELECT repo, sha256 FROM member UNION ALL SELECT repo, repomd FROM generation'
  const trees = database
    .prepare(`WITH named (repo, sha256) AS (${named}),
      shared AS (SELECT sha256, min(repo) = max(repo) AS isOwn FROM named GROUP BY sha256),
      held AS (SELECT repo, sha256, count(*) AS names FROM named GROUP BY repo, sha256)
      SELECT repo.path, sum(names) AS names, sum(names * size) AS logical, sum(size * isOwn) AS own
      FROM held JOIN shared USING (sha256) JOIN content USING (sha256) JOIN repo ON repo.id = held.repo
      GROUP BY repo.path ORDER BY repo.path`)
    .all() as TreeUsage[]
  const pool = database
    .prepare(`SELECT count(*) AS contents, coalesce(sum(size), 0) AS physical, coalesce(sum(size) FILTER (
      WHERE sha256 NOT IN (SELECT sha256 FROM member UNION SELECT repomd FROM generation)), 0) AS unnamed FROM content`)
    .get() as Omit<Usage, 'trees'>
  return { trees, ...pool }
}
