import { MirrorError } from '../errors.ts'
import { readOpened } from '../repodata/compression.ts'
import { type DocumentName, kinds } from '../repodata/documents.ts'
import { readPrimaryRecord } from '../repodata/primary/select.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import type { Content } from '../store/content.ts'
import { openRecords, type RecordStream } from '../xml/cut.ts'
import { PackageTable } from './packages.ts'

/** A metadata file that is in the pool, and what its repomd.xml says of it. */
export type SourceDocument = { file: string; content: Content; record: RepomdRecord }

/**
 * A set of documents that packages are taken from: the upstream's, or our own last ones for packages that the
 * upstream has dropped. `rows` are the wanted rows of the table, ascending.
 */
export type Source = {
  documents: Partial<Record<DocumentName, SourceDocument>>
  /** Whether primary is in createrepo_c's form throughout: dnf reads one with prefixes as empty. */
  plain: boolean
  table: PackageTable
  rows: Uint32Array
}

/** Opens a document of a source. */
export async function openDocument(name: DocumentName, { file, record }: SourceDocument): Promise<RecordStream> {
  return await openRecords(readOpened(file, record), kinds[name])
}

/** The largest repositories have some 100,000. */
const maxPackages = 2_000_000

/** Reads primary whole into a table, checking every record and their number. */
export function readTable(document: SourceDocument): Promise<Pick<Source, 'table' | 'plain'>> {
  return named('primary', async () => {
    const table = new PackageTable()
    const { head, batches } = await openDocument('primary', document)
    try {
      let batch = await batches.next()
      for (; batch.done !== true; batch = await batches.next()) for (const record of batch.value) addTo(table, record)
      checkCount(head.packages, table.length)
      return { table, plain: batch.value }
    } finally {
      await batches.return(false)
    }
  })
}

function addTo(table: PackageTable, record: Buffer): void {
  if (table.length === maxPackages) throw new MirrorError('E_LIMIT', `more than ${maxPackages} packages`)
  table.add(readPrimaryRecord(record))
}

/** The count in the head is what clients plan by; a document that lies about it is broken or cut. */
export function checkCount(stated: number | undefined, found: number): void {
  if (stated !== undefined && stated !== found)
    throw new MirrorError('E_MISMATCH', `packages="${stated}" expected, found ${found} records`)
}

/** Puts the document's name, or the type of its record, before the message of what goes wrong in it. */
export async function named<T>(name: string, steps: () => Promise<T>): Promise<T> {
  try {
    return await steps()
  } catch (error) {
    throw inDocument(name, error)
  }
}

/** `named` for a generator. */
export async function* namedBatches<T, Result>(
  name: string,
  batches: AsyncGenerator<T, Result, undefined>,
): AsyncGenerator<T, Result, undefined> {
  try {
    return yield* batches
  } catch (error) {
    throw inDocument(name, error)
  }
}

function inDocument(name: string, error: unknown): unknown {
  if (!(error instanceof MirrorError)) return error
  return new MirrorError(error.code, `Cannot read ${name}: ${error.message}`, { cause: error })
}
