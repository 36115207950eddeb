import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { MirrorError } from '../errors.ts'
import type { DocumentName } from '../repodata/documents.ts'
import { emptyRecord, readPkgid } from '../repodata/primary/select.ts'
import type { RecordStream } from '../xml/cut.ts'
import type { PackageTable } from './packages.ts'
import { checkCount, openDocument, type Source } from './source.ts'

/** Batches of records; the return value says whether the document as it is holds just these, in createrepo_c's form. */
type Batches = AsyncGenerator<Buffer[], boolean, undefined>

/**
 * The records of filelists or other for a source's wanted rows, in primary's order. As long as the document keeps to
 * that order this is a merge; from the first record that does not, records are spilled to a file and read back.
 * A document that is not there at all is made up from primary; one that lacks a package is an error.
 * @param spill path for the spill file, which is removed at the end
 */
export async function* matchedRecords(name: Exclude<DocumentName, 'primary'>, source: Source, spill: string): Batches {
  const document = source.documents[name]
  if (document === undefined) return yield* madeUp(source.table, source.rows)
  const stream = await openDocument(name, document)
  try {
    return yield* merged(stream, source, spill)
  } finally {
    await stream.batches.return(false)
  }
}

async function* merged(stream: RecordStream, { table, rows }: Source, spill: string): Batches {
  let row = 0
  let next = 0
  let batch = await stream.batches.next()
  for (; batch.done !== true; batch = await stream.batches.next()) {
    const wanted: Buffer[] = []
    for (const [i, record] of batch.value.entries()) {
      if (row === table.length || readPkgid(record) !== table.pkgid(row)) {
        yield wanted
        const disordered = { first: batch.value.slice(i), stream, before: row }
        return yield* reordered(disordered, table, rows.subarray(next), spill)
      }
      if (row === rows[next]) {
        wanted.push(record)
        next++
      }
      row++
    }
    yield wanted
  }
  checkCount(stream.head.packages, row)
  if (next < rows.length) throw missing(table, rows[next] as number)
  return batch.value && rows.length === row
}

async function* madeUp(table: PackageTable, rows: Uint32Array): Batches {
  for (const row of rows) yield [emptyRecord(table.package(row))]
  return false
}

/** What is left of a document: records at hand, those still to come, and how many were before. */
type Disordered = { first: Buffer[]; stream: RecordStream; before: number }

async function* reordered(disordered: Disordered, table: PackageTable, rows: Uint32Array, spill: string): Batches {
  const fd = openSync(spill, 'w+')
  try {
    const extents = await spillRecords(disordered, fd)
    for (const row of rows) {
      const extent = extents.get(table.pkgid(row))
      if (extent === undefined) throw missing(table, row)
      const record = Buffer.allocUnsafe(extent.length)
      readSync(fd, record, 0, extent.length, extent.at)
      yield [record]
    }
    return false
  } finally {
    closeSync(fd)
    rmSync(spill, { force: true })
  }
}

type Extent = { at: number; length: number }

/** Writes records to the spill file; returns where each pkgid's record stands. */
async function spillRecords({ first, stream, before }: Disordered, fd: number): Promise<Map<string, Extent>> {
  const extents = new Map<string, Extent>()
  let at = 0
  let count = before
  const keep = (record: Buffer) => {
    count++
    extents.set(readPkgid(record), { at, length: record.length })
    at += writeSync(fd, record)
  }
  first.forEach(keep)
  for await (const records of stream.batches) records.forEach(keep)
  checkCount(stream.head.packages, count)
  return extents
}

function missing(table: PackageTable, row: number): MirrorError {
  return new MirrorError('E_MISMATCH', `no record of ${table.nevra(row)}, which primary lists`)
}
