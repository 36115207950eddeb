import { type Database, transaction } from './database.ts'

/** After so long a host is measured again, in milliseconds. */
const validMs = 86_400_000

/** How long a connection to an origin took when it was measured, in milliseconds; infinite where there was none. */
export function knownConnectTimes(database: Database): (origin: string) => number | undefined {
  const find = database.prepare('SELECT ms FROM connect_time WHERE origin = ? AND at > ?')
  return (origin) => {
    const row = find.get(origin, Date.now() - validMs) as { ms: number | null } | undefined
    return row && (row.ms ?? Number.POSITIVE_INFINITY)
  }
}

/** Remembers what was measured; nothing is written where nothing was. */
export function rememberConnectTimes(database: Database, measured: ReadonlyMap<string, number>): void {
  if (measured.size === 0) return
  const now = Date.now()
  transaction(database, () => {
    database.prepare('DELETE FROM connect_time WHERE at <= ?').run(now - validMs)
    const write = database.prepare('INSERT OR REPLACE INTO connect_time VALUES (?, ?, ?)')
    for (const [origin, ms] of measured) write.run(origin, now, Number.isFinite(ms) ? ms : null)
  })
}
