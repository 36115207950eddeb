import type { DatabaseSync } from 'node:sqlite'
import { readFilelists } from '../filelists/read.ts'
import type { PackageFile } from '../package.ts'
import type { DatabaseForm } from './form.ts'

/** filelists.sqlite: a row for each directory of a package, with its files' names and types (createrepo_c, src/sqlite.c). */
export const filelistsForm: DatabaseForm = {
  tables: `
    CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, pkgId TEXT);
    CREATE TABLE filelist (pkgKey INTEGER, dirname TEXT, filenames TEXT, filetypes TEXT);
    CREATE TRIGGER remove_filelist AFTER DELETE ON packages BEGIN
      DELETE FROM filelist WHERE pkgKey = old.pkgKey;
    END`,
  indexes: `
    CREATE INDEX keyfile ON filelist (pkgKey);
    CREATE INDEX pkgId ON packages (pkgId);
    CREATE INDEX dirnames ON filelist (dirname)`,
  inserter,
}

function inserter(database: DatabaseSync): (record: Buffer) => void {
  const packages = database.prepare('INSERT INTO packages VALUES (?, ?)')
  const filelist = database.prepare('INSERT INTO filelist VALUES (?, ?, ?, ?)')
  let key = 0
  return (record) => {
    const { pkgid, files } = readFilelists(record)
    packages.run(++key, pkgid)
    for (const [path, { names, types }] of byDirectory(files)) filelist.run(key, dirnameOf(path), names, types)
  }
}

/** Names are joined by `/`, which none of them has; `types` has a letter for each. */
type Directory = { names: string; types: string }

/** The files by what stands before their names, its last slash included. */
function byDirectory(files: PackageFile[]): Map<string, Directory> {
  const directories = new Map<string, Directory>()
  for (const { path, type } of files) {
    const start = path.lastIndexOf('/') + 1
    const parent = path.slice(0, start)
    // The root directory is the only one without a name.
    const name = path.slice(start) || '/'
    const letter = type.charAt(0)
    const directory = directories.get(parent)
    if (directory === undefined) directories.set(parent, { names: name, types: letter })
    else {
      directory.names += `/${name}`
      directory.types += letter
    }
  }
  return directories
}

/** Without its last slash, unless it is the root; `.` for files of source packages, which stand in no directory. */
function dirnameOf(parent: string): string {
  return parent.replace(/(?<=.)\/+$/, '') || '.'
}
