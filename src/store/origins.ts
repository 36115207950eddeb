import type { Database } from './database.ts'

/** What one gate said of a promotion; without a problem it agreed. */
export type GateResult = { gate: string; problem?: string }

/**
 * Where a generation came from that no sync has made: which one of which publish path it shows again, by whom (a user, or
 * `schedule`) and why. Times are milliseconds.
 */
export type Origin = {
  verb: 'promote' | 'rollback' | 'snapshot'
  /** The publish path and the generation that it shows again. */
  source: string
  sourceGeneration: number
  by: string
  at: number
  gates: GateResult[]
}

/** An origin with the generation that has it. */
export type KnownOrigin = Origin & { generation: number }

/** Part of the transaction that prepares the generation. */
export function recordOrigin(database: Database, repo: number, generation: number, origin: Origin): void {
  const { verb, source, sourceGeneration, by, at, gates } = origin
  database
    .prepare('INSERT INTO origin VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    .run(repo, generation, verb, source, sourceGeneration, by, at, JSON.stringify(gates))
}

/** The origins of a repo's generations, newest first, those of generations that are gone among them. */
export function originsOf(database: Database, repo: number): KnownOrigin[] {
  // A database that is only looked at may be of before there were any.
  if (database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'origin'").get() === undefined) return []
  return database
    .prepare('SELECT * FROM origin WHERE repo = ? ORDER BY generation DESC')
    .all(repo)
    .map((row) => {
      const { generation, verb, source, source_generation: sourceGeneration, by, at, gates } = row
      return { generation, verb, source, sourceGeneration, by, at, gates: JSON.parse(gates as string) } as KnownOrigin
    })
}
