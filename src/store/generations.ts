import type { Link } from './chain.ts'
import type { Database } from './database.ts'

/** One publication of a repo. Times are milliseconds, `timestamp` the newest of its repomd.xml in seconds, bytes those of its packages. */
export type Generation = {
  number: number
  state: 'prepared' | 'published'
  /** sha256 of its repomd.xml, which is a content of the pool. */
  repomd: string
  revision: string
  timestamp: number
  created: number
  superseded: number | undefined
  packages: number
  bytes: number
  /** How many packages the upstream listed, for noticing that it lost most of them. */
  upstreamPackages: number
  /** The root of its chain that vouches the least. */
  trust: string
  /** What vouched for the metadata of each upstream; none is known of a generation of before this was recorded. */
  chain?: readonly Link[] | undefined
  /** What a run was told on the command line that its file does not say; undefined for nothing. */
  overrides: string | undefined
}

/** The row of a repo, made when it is new. A repo is known by its publish path; its id may change. */
export function repoRow(database: Database, { path, id }: { path: string; id: string }): number {
  database
    .prepare('INSERT INTO repo (path, name) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET name = excluded.name')
    .run(path, id)
  return findRepo(database, path) as number
}

export function findRepo(database: Database, path: string): number | undefined {
  return database.prepare('SELECT id FROM repo WHERE path = ?').get(path)?.id as number | undefined
}

/** The newest generation that is published. */
export function currentGeneration(database: Database, repo: number): Generation | undefined {
  const sql = "SELECT * FROM generation WHERE repo = ? AND state = 'published' ORDER BY number DESC LIMIT 1"
  const row = database.prepare(sql).get(repo)
  return row && toGeneration(row)
}

/** All generations that are retained, oldest first. */
export function generations(database: Database, repo: number): Generation[] {
  return database.prepare('SELECT * FROM generation WHERE repo = ? ORDER BY number').all(repo).map(toGeneration)
}

/** Records a generation as prepared; from here on its members are retained. Part of a transaction. */
export function prepareGeneration(database: Database, repo: number, generation: Generation): void {
  const { number, repomd, revision, timestamp, created, packages, bytes, upstreamPackages, trust, overrides, chain } =
    generation
  database
    .prepare("INSERT INTO generation VALUES (?, ?, 'prepared', ?, ?, ?, ?, NULL, ?, ?, ?, ?, ?, ?)")
    .run(
      repo,
      number,
      Buffer.from(repomd, 'hex'),
      revision,
      timestamp,
      created,
      packages,
      bytes,
      upstreamPackages,
      trust,
      overrides ?? null,
      chain === undefined ? null : JSON.stringify(chain),
    )
}

/** Marks a generation as the one that clients see; those before it begin to age. Part of a transaction. */
export function markPublished(database: Database, repo: number, number: number, now: number): void {
  database.prepare("UPDATE generation SET state = 'published' WHERE repo = ? AND number = ?").run(repo, number)
  database
    .prepare('UPDATE generation SET superseded = ? WHERE repo = ? AND number < ? AND superseded IS NULL')
    .run(now, repo, number)
}

function toGeneration(row: Record<string, unknown>): Generation {
  const column = row as Omit<Generation, 'repomd' | 'chain'> & {
    repomd: Uint8Array
    upstream_packages: number
    chain?: string | null
  }
  return {
    number: column.number,
    state: column.state,
    repomd: Buffer.from(column.repomd).toString('hex'),
    revision: column.revision,
    timestamp: column.timestamp,
    created: column.created,
    superseded: column.superseded ?? undefined,
    packages: column.packages,
    bytes: column.bytes,
    upstreamPackages: column.upstream_packages,
    trust: column.trust,
    overrides: column.overrides ?? undefined,
    ...(column.chain != null && { chain: JSON.parse(column.chain) as Link[] }),
  }
}
