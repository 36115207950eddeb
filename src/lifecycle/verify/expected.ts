import type { Database } from '../../store/database.ts'

/** What a published name should hold, and whether the generation that clients see now names it. */
export type ExpectedFile = { sha256: string; isCurrent: boolean }

/** A published tree as the database has it: what every retained generation needs at its name. */
export type ExpectedTree = {
  repo: number
  /** Its publish path. */
  path: string
  /** The published generation that is current. */
  generation: number
  files: ReadonlyMap<string, ExpectedFile>
}

/** The one pointer of a published repository. */
export const pointer = 'repodata/repomd.xml'

/** The published trees, or those whose rows are named, one after the other: one with 70,000 packages is not small. */
export function* expectedTrees(database: Database, only?: ReadonlySet<number>): Generator<ExpectedTree> {
  const repos = database.prepare('SELECT id, path FROM repo ORDER BY path').all() as { id: number; path: string }[]
  for (const { id, path } of repos) {
    if (only !== undefined && !only.has(id)) continue
    const tree = expectedTree(database, id, path)
    if (tree !== undefined) yield tree
  }
}

/** One of them; undefined where nothing was published yet. */
export function expectedTree(database: Database, repo: number, path: string): ExpectedTree | undefined {
  const current = database
    .prepare(
      "SELECT number, repomd FROM generation WHERE repo = ? AND state = 'published' ORDER BY number DESC LIMIT 1",
    )
    .get(repo) as { number: number; repomd: Uint8Array } | undefined
  if (current === undefined) return undefined
  const files = new Map<string, ExpectedFile>()
  const rows = database.prepare(`SELECT path, kind, sha256, coalesce(last, ?2) >= ?2 AS current FROM member
    WHERE repo = ?1 AND first <= ?2 ORDER BY first`)
  for (const row of rows.iterate(repo, current.number)) {
    const isCurrent = row.current === 1
    // What has a fixed name stands there with its newest content alone.
    if (!isCurrent && (row.kind === 'tree' || row.kind === 'extra')) continue
    files.set(row.path as string, { sha256: hex(row.sha256), isCurrent })
  }
  files.set(pointer, { sha256: hex(current.repomd), isCurrent: true })
  return { repo, path, generation: current.number, files }
}

/** The sizes of the contents that the database vouches for, by sha256. */
export function recordedContents(database: Database): Map<string, number> {
  const rows = database.prepare('SELECT sha256, size FROM content').iterate()
  const sizes = new Map<string, number>()
  for (const { sha256, size } of rows) sizes.set(hex(sha256), size as number)
  return sizes
}

/** Contents that retained generations of these repositories name, with whether a current one does. */
export function namedContents(database: Database, only?: ReadonlySet<number>): Map<string, boolean> {
  const named = new Map<string, boolean>()
  const sql = `SELECT repo, sha256 AS digest, last IS NULL AS current FROM member
    UNION ALL SELECT repo, repomd, superseded IS NULL FROM generation`
  for (const { repo, digest, current } of database.prepare(sql).iterate()) {
    if (only !== undefined && !only.has(repo as number)) continue
    const sha256 = hex(digest)
    named.set(sha256, current === 1 || named.get(sha256) === true)
  }
  return named
}

function hex(digest: unknown): string {
  return Buffer.from(digest as Uint8Array).toString('hex')
}
