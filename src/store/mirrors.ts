import { type Database, transaction } from './database.ts'

/**
 * What runs found of a place, a mirror's URL or its origin: bytes per second, and until when (milliseconds) it is not to be
 * relied on, and why.
 */
export type MirrorRow = { rate: number | undefined; badUntil: number | undefined; why: string | undefined }

/** A place that nobody has asked for so long is forgotten, in milliseconds. */
const keptMs = 30 * 86_400_000

/** What is remembered of a place. */
export function knownMirrors(database: Database): (place: string) => MirrorRow | undefined {
  const find = database.prepare('SELECT rate, bad_until, why FROM mirror WHERE place = ?')
  return (place) => {
    const row = find.get(place) as { rate: number | null; bad_until: number | null; why: string | null } | undefined
    return row && { rate: row.rate ?? undefined, badUntil: row.bad_until ?? undefined, why: row.why ?? undefined }
  }
}

/** Remembers what a run found, in place of what was known; nothing is written where it found nothing. */
export function rememberMirrors(database: Database, learned: ReadonlyMap<string, MirrorRow>): void {
  if (learned.size === 0) return
  const now = Date.now()
  transaction(database, () => {
    database.prepare('DELETE FROM mirror WHERE at < ?').run(now - keptMs)
    const write = database.prepare('INSERT OR REPLACE INTO mirror VALUES (?, ?, ?, ?, ?)')
    for (const [place, { rate, badUntil, why }] of learned)
      write.run(place, now, rate ?? null, badUntil ?? null, why ?? null)
  })
}
