import { readFileSync } from 'node:fs'
import { fromSystem, MirrorError } from '../errors.ts'
import { readOpened } from '../repodata/compression.ts'
import { type DocumentName, kinds } from '../repodata/documents.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../repodata/repomd.ts'
import type { Database } from '../store/database.ts'
import type { Generation } from '../store/generations.ts'
import { memberRows } from '../store/members.ts'
import type { Pool } from '../store/pool.ts'
import { openRecords, type RecordStream } from '../xml/cut.ts'

/** A state that is only looked at. */
export type Reading = { database: Database; pool: Pool }

/** A metadata file of a generation: its content, where that is in the pool, and what repomd.xml says of it. */
export type PublishedDocument = { file: string; sha256: string; record: RepomdRecord }

/** The metadata files of a generation by the types of their records. */
export type Documents = ReadonlyMap<string, PublishedDocument>

/** Finds the metadata files of a retained generation. @throws E_IO where one is not in the pool */
export function documentsOf({ database, pool }: Reading, repo: number, generation: Generation): Documents {
  const rows = memberRows(database, repo)
  const documents = new Map<string, PublishedDocument>()
  for (const record of repomdOf(pool, generation).records) {
    const sha256 = rows.contentAt(record.href.replace(/^\.\//, ''), generation.number)
    if (sha256 !== undefined) documents.set(record.type, { file: pool.path(sha256), sha256, record })
  }
  return documents
}

function repomdOf(pool: Pool, { number, repomd }: Generation): Repomd {
  try {
    return parseRepomd(readFileSync(pool.path(repomd)))
  } catch (error) {
    throw fromSystem(error, `Cannot read the repomd.xml of generation ${number} (${pool.path(repomd)})`)
  }
}

/** Opens one of the three documents that describe packages. */
export async function openRecordsOf(name: DocumentName, { file, record }: PublishedDocument): Promise<RecordStream> {
  return await openRecords(readOpened(file, record), kinds[name])
}

/** Does something with a document; its error says which it was. */
export async function readingDocument<T>({ file, record }: PublishedDocument, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps()
  } catch (caught) {
    const error = fromSystem(caught, `Cannot read ${record.type} (${file})`)
    if (!(error instanceof MirrorError) || error !== caught) throw error
    throw new MirrorError(error.code, `Cannot read ${record.type} (${file}): ${error.message}`, { cause: error })
  }
}
