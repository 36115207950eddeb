import { type Database, transaction } from './database.ts'

/**
 * Packages that were found to be signed by a key that counts. `terms` names the keys and what was asked of them, in hex:
 * with others everything is checked again.
 */
export type CheckedRows = ReturnType<typeof checkedRows>

export function checkedRows(database: Database, terms: string) {
  const key = Buffer.from(terms, 'hex')
  const find = database.prepare('SELECT 1 FROM checked WHERE sha256 = ? AND terms = ?')
  const insert = database.prepare('INSERT INTO checked VALUES (?, ?) ON CONFLICT DO NOTHING')

  return {
    /** Whether the content was checked on these terms. */
    has(sha256: string): boolean {
      return find.get(Buffer.from(sha256, 'hex'), key) !== undefined
    },

    add(contents: readonly string[]): void {
      transaction(database, () => {
        for (const sha256 of contents) insert.run(Buffer.from(sha256, 'hex'), key)
      })
    },
  }
}
