import { readFileSync } from 'node:fs'
import type { Repo, Selection } from '../config/repo.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../repodata/repomd.ts'
import { contentRows } from '../store/content.ts'
import { memberRows } from '../store/members.ts'
import type { PackageTable } from './packages.ts'
import { documentRecords, isModules } from './records.ts'
import { generationBefore, type Run } from './run.ts'
import { select } from './select.ts'
import { readTable, type Source, type SourceDocument } from './source.ts'

/** Packages of our own last documents, when the upstream dropped each (milliseconds), by row, and our last modules documents. */
export type Kept = Source & { dropped: Map<number, number>; modules: SourceDocument | undefined }

/**
 * The packages of our newest generation that the upstream has dropped and `removed: keep` lets stay: their records
 * come from our own documents. A NEVRA that the upstream still lists, in whatever build, is not dropped.
 */
export async function keptPackages(upstream: PackageTable, run: Run): Promise<Kept | undefined> {
  const { repo, row } = run
  const { database, pool } = run.state
  const before = generationBefore(run)
  if (repo.removed.policy === 'drop' || before === undefined) return undefined
  const repomd = parseRepomd(readFileSync(pool.path(before.repomd)))
  const documents = ownDocuments(repomd, (sha256) => pool.path(sha256))
  const { table, plain } = await readTable(documents.primary as SourceDocument)
  const listed = new Set(Array.from({ length: upstream.length }, (_, i) => upstream.nevra(i)))
  const since = droppedSince(memberRows(database, row).current())
  const present = contentRows(database)
  const until = Date.now() - (repo.removed.forMs ?? Number.POSITIVE_INFINITY)
  const dropped = new Map<number, number>()
  for (const i of select(table, { ...repo, selection: ownSelection(repo.selection) }).rows) {
    if (listed.has(table.nevra(i)) || present.find(table.checksum(i), table.size(i)) === undefined) continue
    const at = since.get(table.href(i)) ?? Date.now()
    if (at > until) dropped.set(i, at)
  }
  if (dropped.size === 0) return undefined
  const record = repomd.records.find(isModules)
  const modules = record === undefined ? undefined : asSource(record, (sha256) => pool.path(sha256))
  return { documents, plain, table, rows: Uint32Array.from(dropped.keys()), dropped, modules }
}

/** What of our own packages is wanted still; which dependencies were, their upstream tells no more. */
function ownSelection(selection: Selection): Selection {
  const includepkgs = selection.withDeps === 'no' ? selection.includepkgs : []
  return { ...selection, includepkgs, keep: undefined }
}

/** When the first of the kept packages has been kept for long enough, in milliseconds; undefined for never. */
export function nextExpiry(kept: Kept | undefined, { removed }: Repo): number | undefined {
  if (kept === undefined || removed.policy === 'drop' || removed.forMs === undefined) return undefined
  return Math.min(...kept.dropped.values()) + removed.forMs
}

function ownDocuments(repomd: Repomd, path: (sha256: string) => string): Record<string, SourceDocument> {
  const records = documentRecords(repomd)
  return Object.fromEntries(Object.entries(records).map(([name, record]) => [name, asSource(record, path)]))
}

/** In what we write, repomd.xml names files by the sha256 that the pool knows them by. */
function asSource(record: RepomdRecord, path: (sha256: string) => string): SourceDocument {
  const { checksum, size } = record
  return { file: path(checksum.hex), record, content: { sha256: checksum.hex, size: size as number, digest: checksum } }
}

function droppedSince(members: Iterable<{ path: string; dropped: number | undefined }>): Map<string, number> {
  const since = new Map<string, number>()
  for (const { path, dropped } of members) if (dropped !== undefined) since.set(path, dropped)
  return since
}
