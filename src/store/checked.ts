import { type Database, transaction } from './database.ts'

/** A package and what it was found to fulfil: its content, and a name of the keys and of what else was asked, in hex. */
export type Checked = { sha256: string; terms: string }

/** Packages that were found to be signed by a key that counts. On other terms each is checked again. */
export type CheckedRows = ReturnType<typeof checkedRows>

export function checkedRows(database: Database) {
  const find = database.prepare('SELECT 1 FROM checked WHERE sha256 = ? AND terms = ?')
  const insert = database.prepare('INSERT INTO checked VALUES (?, ?) ON CONFLICT DO NOTHING')

  return {
    has({ sha256, terms }: Checked): boolean {
      return find.get(Buffer.from(sha256, 'hex'), Buffer.from(terms, 'hex')) !== undefined
    },

    add(checked: readonly Checked[]): void {
      transaction(database, () => {
        for (const { sha256, terms } of checked) insert.run(Buffer.from(sha256, 'hex'), Buffer.from(terms, 'hex'))
      })
    },
  }
}
