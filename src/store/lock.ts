import { DatabaseSync } from 'node:sqlite'

/** A hold on a lock file; freed by `release` or by the end of the process, however it ends. */
export type Lock = { release(): void }

/**
 * Takes the lock, or returns undefined where another process has it for all of `waitMs`. The lock is the kernel's: an
 * empty SQLite database held by BEGIN EXCLUSIVE. Nothing else may open the file: closing any descriptor of it in the
 * holder would drop the lock (fcntl's rule).
 */
export function takeLock(file: string, waitMs = 0): Lock | undefined {
  return hold(file, 'BEGIN EXCLUSIVE', waitMs)
}

/** Takes a share of the lock: any number of processes may have one, and nobody the whole meanwhile. */
export function shareLock(file: string, waitMs = 0): Lock | undefined {
  return hold(file, 'BEGIN; SELECT count(*) FROM sqlite_schema', waitMs)
}

function hold(file: string, statements: string, waitMs: number): Lock | undefined {
  const database = new DatabaseSync(file, { timeout: waitMs })
  try {
    // A journal on the disk would be one more file that appears and goes beside the lock, and outlives a kill.
    database.exec(`PRAGMA journal_mode = MEMORY; ${statements}`)
    return { release: () => database.close() }
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw error
  }
}

const sqliteBusy = 5
