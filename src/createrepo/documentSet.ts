import type { WrittenFile } from '../publish/compressed.ts'
import { writeDatabases } from '../publish/databases.ts'
import type { StagedRecord } from '../publish/placing.ts'
import { suffixes } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import type { DocumentFile } from '../repodata/sqlite/database.ts'
import { DocumentWriters, rewriteDocument, type Writing } from './documents.ts'
import { Nevras } from './duplicates.ts'
import type { CreaterepoOptions, Surroundings } from './options.ts'
import { mayStay, planPackages, wholeOld } from './plan.ts'
import { type RecordKind, recordKinds } from './read/batch.ts'
import { Readers } from './read/readers.ts'
import type { Report } from './report.ts'
import { shownDocuments } from './shown.ts'
import { type Planned, recordStream } from './stream.ts'
import { type OldMetadata, recordOf } from './update/old.ts'
import type { Reuse } from './update/reuse.ts'
import type { PackagePath } from './walk.ts'

/** The documents of packages and their databases: written anew, or those that are there. */
export type DocumentSet = { packages: number; staged: StagedRecord[]; kept: RepomdRecord[] }

/** Writes the documents, unless those that are there tell the same. @throws OldUnusable */
export async function makeDocuments(
  packages: readonly PackagePath[],
  reuse: Reuse | undefined,
  options: CreaterepoOptions,
  surroundings: Surroundings,
  folder: string,
  report: Report,
): Promise<DocumentSet> {
  const planned = planPackages(packages, reuse, options)
  const whole = await wholeOld(planned, reuse?.own, options)
  if (whole !== undefined) return await keepDocuments(whole, options, surroundings, folder)
  const writing = { folder, format: options.formats.documents, algorithm: options.repomdChecksum }
  const { files, rows } = await writeDocuments(planned, options, surroundings, writing, report)
  const staged = [...files].map(([type, written]) => ({
    type,
    name: `${type}.xml${suffixes[writing.format]}`,
    written,
  }))
  const sources = documents.map((name) => [name, files.get(name) as WrittenFile])
  const databases = await makeDatabases(Object.fromEntries(sources) as Sources, options, surroundings, folder)
  return { packages: rows, staged: [...staged, ...databases], kept: [] }
}

type Sources = Record<DocumentName, DocumentFile>

async function makeDatabases(
  sources: Sources,
  { databases, formats, repomdChecksum }: CreaterepoOptions,
  { signal }: Surroundings,
  folder: string,
): Promise<StagedRecord[]> {
  return databases
    ? await writeDatabases(sources, { folder, format: formats.databases, algorithm: repomdChecksum, signal })
    : []
}

async function keepDocuments(
  old: OldMetadata,
  options: CreaterepoOptions,
  surroundings: Surroundings,
  folder: string,
): Promise<DocumentSet> {
  const kept = recordKinds.flatMap((kind) => recordOf(old, kind) ?? [])
  const packages = old.packages.length
  if (!options.databases) return { packages, staged: [], kept }
  const databases = documents.flatMap((name) => recordOf(old, `${name}_db`) ?? [])
  const stay = await Promise.all(databases.map((record) => mayStay(record, options.formats.databases, old, options)))
  if (databases.length === documents.length && !stay.includes(false))
    return { packages, staged: [], kept: [...kept, ...databases] }
  const sources = await shownDocuments(old.repomd, old.folder)
  const staged = await makeDatabases(sources, options, surroundings, folder)
  return { packages, staged, kept }
}

type Written = { files: Map<RecordKind, WrittenFile>; rows: number }

/**
 * Writes all documents in one pass. Their heads announce every planned package; where some were left out, or are not to
 * stay, the documents are written once more with the right number.
 */
async function writeDocuments(
  planned: readonly Planned[],
  options: CreaterepoOptions,
  { program, warn, signal }: Surroundings,
  writing: Writing,
  report: Report,
): Promise<Written> {
  const kinds = recordKinds.filter((kind) => kind !== 'filelists-ext' || options.reading.filelistsExt)
  const nevras = new Nevras()
  const writers = new DocumentWriters(kinds, planned.length, writing)
  await using readers = new Readers(options, planned.length, program)
  try {
    for await (const { handled, records } of recordStream(planned, readers)) {
      signal.throwIfAborted()
      for (const each of handled) {
        report.handled(each)
        if ('nevra' in each.outcome) nevras.add(each.outcome.nevra, each.href, each.outcome.buildTime)
      }
      await writers.add(records)
    }
  } catch (error) {
    await writers.abandon(error)
    throw error
  }
  const files = await writers.finish()
  for (const warning of nevras.warnings()) warn(warning)
  const dropped = options.duplicates === 'keep-last' ? nevras.olderRows() : new Set<number>()
  const rows = nevras.rows - dropped.size
  if (rows === planned.length) return { files, rows }
  const counted = [...files].map(async ([kind, file]) => {
    return [kind, await rewriteDocument(kind, file, { packages: rows, dropped }, writing)] as const
  })
  return { files: new Map(await Promise.all(counted)), rows }
}
