import type { DatabaseSync } from 'node:sqlite'
import { readOther } from '../other/read.ts'
import type { DatabaseForm } from './form.ts'

/** other.sqlite: the changelogs (createrepo_c, src/sqlite.c). */
export const otherForm: DatabaseForm = {
  tables: `
    CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, pkgId TEXT);
    CREATE TABLE changelog (pkgKey INTEGER, author TEXT, date INTEGER, changelog TEXT);
    CREATE TRIGGER remove_changelogs AFTER DELETE ON packages BEGIN
      DELETE FROM changelog WHERE pkgKey = old.pkgKey;
    END`,
  indexes: `
    CREATE INDEX keychange ON changelog (pkgKey);
    CREATE INDEX pkgId ON packages (pkgId)`,
  inserter,
}

function inserter(database: DatabaseSync): (record: Buffer) => void {
  const packages = database.prepare('INSERT INTO packages VALUES (?, ?)')
  const changelog = database.prepare('INSERT INTO changelog VALUES (?, ?, ?, ?)')
  let key = 0
  return (record) => {
    const { pkgid, changelogs } = readOther(record)
    packages.run(++key, pkgid)
    for (const { author, date, text } of changelogs) changelog.run(key, author, date, text)
  }
}
