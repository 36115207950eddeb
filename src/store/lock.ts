import { DatabaseSync } from 'node:sqlite'

/** A hold on a lock file; freed by `release` or by the end of the process, however it ends. */
export type Lock = { release(): void }

/**
 * Takes the lock, or returns undefined where another process has it. The lock is the kernel's: an empty SQLite
 * database held by BEGIN EXCLUSIVE. Nothing else may open the file: closing any descriptor of it in the holder would
 * drop the lock (fcntl's rule).
 */
export function takeLock(file: string): Lock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE')
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw error
  }
}

const sqliteBusy = 5
