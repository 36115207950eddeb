import type { Database } from '../../store/database.ts'
import type { HashingOptions } from '../../store/hashing/hashAll.ts'
import type { Hashed } from '../../store/hashing/hashFile.ts'
import type { Pool } from '../../store/pool.ts'
import { expectedTrees, namedContents, recordedContents } from './expected.ts'
import type { Finding } from './finding.ts'
import { type PoolFile, poolFiles } from './poolFiles.ts'
import { walkRoot } from './rootFiles.ts'
import { type OtherFile, walkTree } from './treeFiles.ts'

/** What is verified: root, the database, which may be open for reading only, and the pool. */
export type Verifying = HashingOptions & {
  root: string
  database: Database
  pool: Pool
  /** The rows of the repositories that are verified; undefined for all, and all of the pool with them. */
  only?: ReadonlySet<number> | undefined
  /** The contents that are read; undefined for all of them. */
  contents?: ReadonlySet<string> | undefined
  /** Told of bytes as they are read, and of how many there are to read. */
  progress?: (bytes: number, total: number) => void
}

/** What there is to be looked at, by name and inode, before a file is read. */
export type Surveyed = {
  sizes: ReadonlyMap<string, number>
  named: ReadonlyMap<string, boolean>
  pool: ReadonlyMap<string, PoolFile>
  /** The published names that are links to each content in the pool. */
  linked: Map<string, { path: string; repo: string }[]>
  others: (OtherFile & { repo: string })[]
  found: Finding[]
  names: number
}

/** What the files that were read hold, by inode. */
export type Read = Map<number, Hashed>

/** Looks at every name, and opens no file. */
export function survey({
  root,
  database,
  pool,
  only,
}: Pick<Verifying, 'root' | 'database' | 'pool' | 'only'>): Surveyed {
  const found: Finding[] = []
  const surveyed: Surveyed = {
    sizes: recordedContents(database),
    named: namedContents(database, only),
    pool: poolFiles(pool, (finding) => only === undefined && found.push(finding)),
    linked: new Map(),
    others: [],
    found,
    names: 0,
  }
  const paths: string[] = []
  for (const tree of expectedTrees(database, only)) {
    const { path: repo } = tree
    paths.push(repo)
    surveyed.names += tree.files.size
    walkTree(root, tree, surveyed.pool, {
      linked: (sha256, path) => surveyed.linked.getOrInsertComputed(sha256, () => []).push({ path, repo }),
      other: (file) => surveyed.others.push({ ...file, repo }),
      found: (kind, path, detail, sha256) =>
        found.push({ kind, path, detail, sha256, repo, isPooled: false, names: 1 }),
    })
  }
  if (only === undefined) walkRoot(root, paths, (finding) => found.push(finding))
  return surveyed
}
