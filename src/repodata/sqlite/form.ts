import type { DatabaseSync } from 'node:sqlite'

/** One of the three databases: its tables and triggers, its indexes, and what puts a record's rows into them. */
export type DatabaseForm = {
  readonly tables: string
  readonly indexes: string
  readonly inserter: (database: DatabaseSync) => (record: Buffer) => void
}
