import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { suffixes } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import { comparePackages, type DocumentFile, databaseVersion, writeDatabase } from '../repodata/sqlite.ts'
import { type Output, writeCompressed } from './compressed.ts'
import type { StagedRecord } from './placing.ts'

/** Where the compressed databases are written and how. */
export type DatabaseOutput = Omit<Output, 'file'> & {
  folder: string
  /** Where they are while SQLite writes them, for a folder that it cannot lock files in; `folder` unless given. */
  sqliteFolder?: string | undefined
  signal?: AbortSignal | undefined
}

/** Blocks of this size go to the compressor: what comes out depends on how it is fed. */
const blockBytes = 256 * 1024

/**
 * Writes the databases of the three documents, to be published with them: `primary.sqlite.gz` of type primary_db and so
 * on. One is compressed while the next is written. Where it fails nothing is under way, but files may be left.
 * @throws E_MISMATCH where the documents do not describe the same packages, and all that their readers throw
 */
export async function writeDatabases(
  sources: Record<DocumentName, DocumentFile>,
  { folder, sqliteFolder = folder, signal, ...output }: DatabaseOutput,
): Promise<StagedRecord[]> {
  const inTurn = pLimit(1)
  const work = documents.map(async (name): Promise<StagedRecord> => {
    const database = await inTurn(() => writeDatabase(name, sources[name], sqliteFolder, signal))
    const file = `${name}.sqlite${suffixes[output.format]}`
    const written = await writeCompressed(createReadStream(database, { highWaterMark: blockBytes }), {
      ...output,
      file: join(folder, file),
    })
    return { type: `${name}_db`, name: file, written, databaseVersion }
  })
  const staged = await allDone(work)
  for (const name of ['filelists', 'other'])
    comparePackages(join(sqliteFolder, 'primary.sqlite'), join(sqliteFolder, `${name}.sqlite`))
  return staged
}

/** The results of all, or the first failure once all have ended. */
async function allDone<Result>(work: Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
