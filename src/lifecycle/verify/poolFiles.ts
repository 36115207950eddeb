import { type Dirent, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../../errors.ts'
import type { Pool } from '../../store/pool.ts'
import type { Finding } from './finding.ts'

/** A file of the pool as it lies there. */
export type PoolFile = { ino: number; size: number; mode: number; links: number }

/** What a finding says of what nothing names. */
export const nobodys = { sha256: undefined, repo: undefined, isPooled: false, names: 0 } as const

/** The pool's files by the sha256 that they are named by. What is no content is told. */
export function poolFiles(pool: Pool, tell: (finding: Finding) => void): Map<string, PoolFile> {
  const files = new Map<string, PoolFile>()
  const foreign = (path: string) => tell({ ...nobodys, kind: 'foreign', path, detail: 'no content of the pool' })
  for (const shard of entries(pool.folder)) {
    const folder = join(pool.folder, shard.name)
    if (!/^[0-9a-f]{2}$/.test(shard.name) || !shard.isDirectory()) {
      foreign(folder)
      continue
    }
    for (const entry of entries(folder)) {
      const path = join(folder, entry.name)
      if (!/^[0-9a-f]{64}$/.test(entry.name) || !entry.name.startsWith(shard.name) || !entry.isFile()) foreign(path)
      else {
        const stat = lstatSync(path, { throwIfNoEntry: false })
        if (stat?.isFile() === true)
          files.set(entry.name, { ino: stat.ino, size: stat.size, mode: stat.mode & 0o777, links: stat.nlink })
      }
    }
  }
  return files
}

/** A folder's entries; none where there is no such folder. */
export function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
