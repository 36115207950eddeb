import type { Database } from './database.ts'

/** One generation of one repo. */
export type At = { repo: number; generation: number }

/** A package's file, and its bytes where its content is recorded. */
export type PackageFile = { path: string; sha256: string; size: number }

const isMember = 'repo = ? AND first <= ? AND (last IS NULL OR last >= ?)'

/** The packages of two generations whose contents the other one does not have, by path. */
export function packagesApart(database: Database, one: At, other: At): { went: PackageFile[]; came: PackageFile[] } {
  const [before, after] = [packagesOnlyIn(database, one, other), packagesOnlyIn(database, other, one)]
  // What has another path is none of them.
  const [gone, fresh] = [before, after].map((files) => new Set(files.map(({ sha256 }) => sha256)))
  return {
    went: before.filter(({ sha256 }) => fresh?.has(sha256) !== true),
    came: after.filter(({ sha256 }) => gone?.has(sha256) !== true),
  }
}

/** Of two generations of one repo only the rows are looked at that are not in both. */
function packagesOnlyIn(database: Database, one: At, other: At): PackageFile[] {
  const apart =
    one.repo === other.repo
      ? `NOT (${isMember})`
      : `m.sha256 NOT IN (SELECT sha256 FROM member WHERE kind = 'package' AND ${isMember})`
  const rows = database.prepare(`SELECT path, m.sha256, size FROM member AS m LEFT JOIN content USING (sha256)
    WHERE kind = 'package' AND ${isMember} AND ${apart}`)
  return rows.all(...asked(one), ...asked(other)).map(({ path, sha256, size }) => ({
    path: path as string,
    sha256: Buffer.from(sha256 as Uint8Array).toString('hex'),
    size: Number(size ?? 0),
  }))
}

/** The paths of a generation's packages, as one text from SQLite. No path holds a line break. */
export function packagePaths(database: Database, at: At): string[] {
  const sql = `SELECT group_concat(path, char(10)) AS paths FROM member WHERE kind = 'package' AND ${isMember}`
  const text = database.prepare(sql).get(...asked(at))?.paths as string | null
  return text === null ? [] : text.split('\n')
}

/** Files with names of their own (of a tree, and extra ones) that one generation has and another has not, or with another content. */
export function namedFilesOnlyIn(database: Database, one: At, other: At): string[] {
  const sql = `SELECT path FROM member AS m WHERE kind IN ('tree', 'extra') AND ${isMember} AND NOT EXISTS (
    SELECT 1 FROM member WHERE path = m.path AND sha256 = m.sha256 AND ${isMember})`
  return database
    .prepare(sql)
    .all(...asked(one), ...asked(other))
    .map(({ path }) => path as string)
}

function asked({ repo, generation }: At): number[] {
  return [repo, generation, generation]
}

/** How many packages each generation has that the one before had not, and the other way round. */
export function packageCounts(database: Database, repo: number): Map<number, { added: number; removed: number }> {
  const counts = new Map<number, { added: number; removed: number }>()
  const count = (sql: string, kind: 'added' | 'removed') => {
    for (const { generation, packages } of database.prepare(sql).all(repo)) {
      const known = counts.get(Number(generation)) ?? { added: 0, removed: 0 }
      counts.set(Number(generation), { ...known, [kind]: Number(packages) })
    }
  }
  const counted = (generation: string) =>
    `SELECT ${generation} AS generation, count(*) AS packages FROM member WHERE repo = ? AND kind = 'package' GROUP BY 1`
  count(counted('first'), 'added')
  count(`${counted('last + 1')} HAVING last IS NOT NULL`, 'removed')
  return counts
}
