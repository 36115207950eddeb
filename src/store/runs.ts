import { type Database, transaction } from './database.ts'

/** How one run of a repo ended. Times are milliseconds; bytes came over the network. */
export type RunRecord = {
  at: number
  milliseconds: number
  result: 'published' | 'unchanged' | 'failed' | 'interrupted'
  /** The error's line where it failed, or what its result lacks. */
  message: string | undefined
  added: number
  removed: number
  bytes: number
}

/** Runs that are remembered for each repo. */
const kept = 200

export function recordRun(database: Database, repo: number, run: RunRecord): void {
  const { at, milliseconds, result, message, added, removed, bytes } = run
  transaction(database, () => {
    database
      .prepare('INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
      .run(repo, at, milliseconds, result, message ?? null, added, removed, bytes)
    database
      .prepare(
        'DELETE FROM run WHERE repo = ? AND at < (SELECT min(at) FROM (SELECT at FROM run WHERE repo = ? ORDER BY at DESC LIMIT ?))',
      )
      .run(repo, repo, kept)
  })
}

/** The newest runs of a repo, newest first. */
export function lastRuns(database: Database, repo: number, count: number): RunRecord[] {
  const rows = database.prepare('SELECT * FROM run WHERE repo = ? ORDER BY at DESC LIMIT ?').all(repo, count)
  return rows.map((row) => ({
    ...(row as unknown as RunRecord),
    message: (row.message as string | null) ?? undefined,
  }))
}
