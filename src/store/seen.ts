import { type Database, transaction } from './database.ts'

/** When packages of a repo were first seen, in milliseconds, by NEVRA. */
export type FirstSeen = ReadonlyMap<string, number>

export function readSeen(database: Database, repo: number): FirstSeen {
  const seen = new Map<string, number>()
  const rows = database.prepare('SELECT nevra, at FROM seen WHERE repo = ?').iterate(repo)
  for (const { nevra, at } of rows) seen.set(nevra as string, at as number)
  return seen
}

/** Remembers these packages and no others: of one that the upstream has dropped nothing is known any more. */
export function writeSeen(database: Database, repo: number, before: FirstSeen, now: FirstSeen): void {
  const insert = database.prepare('INSERT INTO seen VALUES (?, ?, ?)')
  const remove = database.prepare('DELETE FROM seen WHERE repo = ? AND nevra = ?')
  transaction(database, () => {
    for (const [nevra, at] of now) if (!before.has(nevra)) insert.run(repo, nevra, at)
    for (const nevra of before.keys()) if (!now.has(nevra)) remove.run(repo, nevra)
  })
}
