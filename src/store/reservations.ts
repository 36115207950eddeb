import { type Database, transaction } from './database.ts'

const prefix = 'reserved:'

/**
 * Promises room on the disk to this process, unless `check` throws when it is told what is promised to others. A promise
 * ends when it is taken back, or with its process.
 * @returns how it is taken back
 */
export function reserve(database: Database, bytes: number, check: (promised: number) => void): () => void {
  const key = `${prefix}${process.pid}`
  const release = () => void database.prepare('DELETE FROM meta WHERE key = ?').run(key)
  transaction(database, () => {
    check(promisedToOthers(database, key))
    database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(key, String(bytes))
  })
  return release
}

/** What live processes were promised; what ended ones were goes. */
function promisedToOthers(database: Database, own: string): number {
  const rows = database.prepare("SELECT key, value FROM meta WHERE key GLOB 'reserved:*'").all()
  let promised = 0
  for (const { key, value } of rows as { key: string; value: string }[]) {
    if (key === own) continue
    if (isRunning(Number(key.slice(prefix.length)))) promised += Number(value)
    else database.prepare('DELETE FROM meta WHERE key = ?').run(key)
  }
  return promised
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
