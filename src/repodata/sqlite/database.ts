import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Digest } from '../../digest.ts'
import { fromSystem, isSystemError, MirrorError } from '../../errors.ts'
import { openRecords } from '../../xml/cut.ts'
import { type Opened, readOpened } from '../compression.ts'
import { type DocumentName, kinds } from '../documents.ts'
import { filelistsForm } from './filelists.ts'
import type { DatabaseForm } from './form.ts'
import { otherForm } from './other.ts'
import { primaryForm } from './primary.ts'

/** The version of the tables, in repomd.xml's records and in the databases themselves: createrepo_c, src/sqlite.h 59. */
export const databaseVersion = '10'

/** A metadata document on the disk; `checksum` is the one that repomd.xml states of the file as it is. */
export type DocumentFile = Opened & { file: string; checksum: Digest }

const forms: Record<DocumentName, DatabaseForm> = { primary: primaryForm, filelists: filelistsForm, other: otherForm }

/**
 * Writes `<name>.sqlite` into the folder, record by record as they are read, and returns its path. The file is not
 * durable, and stays where writing fails: the folder is one that is removed as a whole.
 * @throws all that readers of documents and records throw, naming the document's file
 */
export async function writeDatabase(
  name: DocumentName,
  source: DocumentFile,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const file = join(folder, `${name}.sqlite`)
  try {
    await fill(file, name, source, signal)
    return file
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof MirrorError)
      throw new MirrorError(cause.code, `Cannot use ${source.file}: ${cause.message}`, { cause })
    throw isSystemError(cause) ? cause : fromSystem(cause, `Cannot write ${file}`)
  }
}

async function fill(
  file: string,
  name: DocumentName,
  source: DocumentFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { tables, indexes, inserter } = forms[name]
  using database = new DatabaseSync(file)
  // Whoever is killed here begins anew: nothing is worth a journal.
  database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE')
  // As createrepo_c has it: indexes are sorted without files in folders that nobody named.
  database.exec('PRAGMA temp_store = MEMORY; BEGIN')
  database.exec(`${tables}; CREATE TABLE db_info (dbversion INTEGER, checksum TEXT)`)
  const insert = inserter(database)
  const { batches } = await openRecords(readOpened(source.file, source), kinds[name])
  for await (const batch of batches) {
    signal?.throwIfAborted()
    for (const record of batch) insert(record)
  }
  database.prepare('INSERT INTO db_info VALUES (?, ?)').run(Number(databaseVersion), source.checksum.hex)
  // Behind the rows: an index that is sorted at once is smaller and faster than one that grows.
  database.exec(`${indexes}; COMMIT`)
}

/**
 * Compares the packages of the first database with those of the others: each document has its own order, and so each
 * database its own keys, but the packages must be the same.
 * @throws E_MISMATCH naming a package that one of them does not have
 */
export function comparePackages([first = '', ...others]: string[]): void {
  using database = new DatabaseSync(first, { readOnly: true })
  for (const other of others) {
    database.prepare('ATTACH ? AS other').run(other)
    const found = database.prepare(onlyInOne).get() as { pkgId: string } | undefined
    const names = [first, other].map((file) => basename(file, '.sqlite')).join(' and ')
    if (found !== undefined)
      throw new MirrorError('E_MISMATCH', `only one of ${names} describes the package with pkgid ${found.pkgId}`)
    database.exec('DETACH other')
  }
}

const onlyInOne = `
  SELECT * FROM (SELECT pkgId FROM main.packages EXCEPT SELECT pkgId FROM other.packages)
  UNION ALL
  SELECT * FROM (SELECT pkgId FROM other.packages EXCEPT SELECT pkgId FROM main.packages)
  LIMIT 1`
