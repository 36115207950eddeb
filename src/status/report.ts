import { statfsSync } from 'node:fs'
import type { Config } from '../config/repo.ts'
import { listSnapshots, type SnapshotReport } from '../lifecycle/snapshots.ts'
import type { Database } from '../store/database.ts'
import { version } from '../version.ts'
import { type Integrity, integrityOf } from './integrity.ts'
import type { Live } from './live.ts'
import { type RepoReport, reportRepo } from './repoReport.ts'

/** Everything that page, JSON, metrics and checks say, as of one moment (milliseconds). */
export type Report = {
  at: number
  version: string
  /** The file system that root is on; undefined where it cannot be asked. */
  disk: Disk | undefined
  /** What the daemon adds; undefined without one. */
  live: Live | undefined
  repos: RepoReport[]
  /** Oldest first. */
  snapshots: SnapshotReport[]
  /** What is damaged, held or being read again; undefined where nothing was ever synced. */
  integrity?: Integrity | undefined
}

/** Bytes; free ones as a user who is not root has them. */
export type Disk = { size: number; free: number }

/** Looks everything up, and changes nothing. Without a database nothing was ever synced. */
export function report(
  { root, repos, channels = [] }: Pick<Config, 'root' | 'repos'> & Partial<Pick<Config, 'channels'>>,
  database: Database | undefined,
  live: Live | undefined,
  now: number,
): Report {
  const all = repos.map((repo) => reportRepo(repo, { root, database, channels }, live?.repos.get(repo.id), now))
  const snapshots = database === undefined ? [] : listSnapshots(database)
  const integrity = database && integrityOf(database)
  return { at: now, version, disk: diskOf(root), live, repos: all, snapshots, integrity }
}

function diskOf(root: string): Disk | undefined {
  try {
    const { bsize, blocks, bavail } = statfsSync(root)
    return { size: blocks * bsize, free: bavail * bsize }
  } catch {
    return undefined
  }
}
