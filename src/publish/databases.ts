import { createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { suffixes } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import { comparePackages, type DocumentFile, databaseVersion, writeDatabase } from '../repodata/sqlite/database.ts'
import { type Output, writeCompressed } from './compressed.ts'
import type { StagedRecord } from './placing.ts'

/** Where the compressed databases are written and how. */
export type DatabaseOutput = Omit<Output, 'file'> & {
  folder: string
  /** Below which SQLite writes them, since it cannot on every network file system; `folder` unless given. */
  sqliteFolder?: string | undefined
  signal?: AbortSignal | undefined
}

type Sources = Record<DocumentName, DocumentFile>

/** Blocks of this size go to the compressor: what comes out depends on how it is fed. */
const blockBytes = 256 * 1024

/**
 * Writes the databases of the three documents, to be published with them: `primary.sqlite.gz` of type primary_db and so
 * on. Where it fails, nothing is under way any more, but compressed files may be left in the folder.
 * @throws E_MISMATCH where the documents do not describe the same packages, and all that their readers throw
 */
export async function writeDatabases(sources: Sources, output: DatabaseOutput): Promise<StagedRecord[]> {
  const sqliteFolder = mkdtempSync(join(output.sqliteFolder ?? output.folder, 'sqlite-'))
  try {
    return await writeInStep(sources, { ...output, sqliteFolder })
  } finally {
    rmSync(sqliteFolder, { recursive: true, force: true })
  }
}

/** One is compressed, by other threads, while the next is written. */
async function writeInStep(
  sources: Sources,
  { folder, sqliteFolder, signal, ...output }: DatabaseOutput & { sqliteFolder: string },
): Promise<StagedRecord[]> {
  const inTurn = pLimit(1)
  const work = documents.map(async (name) => {
    const database = await inTurn(() => writeDatabase(name, sources[name], sqliteFolder, signal))
    const file = `${name}.sqlite${suffixes[output.format]}`
    const blocks = createReadStream(database, { highWaterMark: blockBytes })
    const written = await writeCompressed(blocks, { ...output, file: join(folder, file) })
    return { database, staged: { type: `${name}_db`, name: file, written, databaseVersion } }
  })
  const written = await allDone(work)
  comparePackages(written.map(({ database }) => database))
  return written.map(({ staged }) => staged)
}

/** The results of all, or the first failure once all have ended. */
async function allDone<Result>(work: Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
