import { numberText } from '../amounts.ts'
import type { Repo } from '../config/repo.ts'
import { documents } from '../repodata/documents.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { nextRipe, tooYoung } from './age.ts'
import type { Bounds } from './closure/withDependencies.ts'
import type { Edition } from './edition.ts'
import { type FetchedRecord, fetchRecords } from './fetchRecords.ts'
import { guardShrink } from './guard.ts'
import { type Kept, keptPackages } from './kept.ts'
import type { PackageTable } from './packages.ts'
import { carriedRecords, documentRecords, isModules, otherRecords } from './records.ts'
import { generationBefore, type Run } from './run.ts'
import { isModular, select } from './select.ts'
import { readTable, type Source, type SourceDocument } from './source.ts'
import type { Streams } from './streams.ts'
import { planTree, type TreePlan } from './tree/plan.ts'
import { keyDocuments } from './trust/publishedKeys.ts'
import { planVerbatim } from './verbatim/plan.ts'
import { checkPackages } from './wanted.ts'

/** What one run is to publish: decided whole before a package is fetched. Bytes are those of upstream's packages. */
export type Plan = {
  edition: Edition
  upstream: Source
  /** Packages that the upstream has dropped and that stay. */
  kept: Kept | undefined
  /** Upstream's other metadata that is carried as it is. */
  carried: RepomdRecord[]
  /** Files beside packages and metadata: a kickstart tree, extra ones, and what upstream's own metadata asks for. */
  tree: TreePlan
  packages: number
  bytes: number
  /** When the first package that is held back for its age is to be taken, in milliseconds. */
  nextRipe: number | undefined
}

/** Reads what an edition names, selects, and checks that nothing stands against publishing it. */
export async function makePlan(edition: Edition, run: Run): Promise<Plan> {
  const { repo, upstream, acceptShrink, progress } = run
  progress.stage('metadata')
  const fetched = await fetchDocuments(edition, run)
  const { table, plain } = await readTable(fetched.primary as SourceDocument)
  if (!acceptShrink) guardShrink(generationBefore(run), table.length, repo)
  const streams = await fetchStreams(edition, table, run)
  const held = await tooYoung(table, edition, run)
  const { rows: named, duplicates, waiting } = select(table, repo, streams, held)
  const rows = await withRequired({ documents: fetched, plain, table, rows: named }, { held, streams }, run)
  const source: Source = { documents: fetched, plain, table, rows }
  checkPackages(source, repo, upstream)
  tellDuplicates(duplicates, run)
  const ripe = nextRipe(held, waiting)
  tellWaiting(waiting.length, ripe, run)
  tellModular(source, edition, run)
  const kept = await keptPackages(table, run)
  const planned = await planTree(edition, run)
  const tree = { ...planned, documents: [...planned.documents, ...(await keyDocuments(run))] }
  const isVerbatim = repo.metadata === 'upstream'
  return {
    edition,
    upstream: source,
    kept,
    carried: (isVerbatim ? otherRecords : carriedRecords)(edition.repomd),
    tree: isVerbatim ? await planVerbatim(tree, edition, source, run) : tree,
    packages: rows.length + (kept?.rows.length ?? 0),
    bytes: bytesOf(table, rows),
    nextRipe: ripe,
  }
}

/** The rows that were asked for, with those that they require where that is asked for. */
async function withRequired(named: Source, bounds: Bounds, run: Run): Promise<Uint32Array> {
  const { includepkgs, withDeps } = run.repo.selection
  if (withDeps === 'no' || includepkgs.length === 0) return named.rows
  const { withDependencies } = await import('./closure/withDependencies.ts')
  return await withDependencies(named, bounds, run)
}

/** The bytes of packages, by their stated sizes. */
export function bytesOf(table: PackageTable, rows: Uint32Array): number {
  return rows.reduce((sum, row) => sum + table.size(row), 0)
}

async function fetchDocuments({ repomd }: Edition, run: Run): Promise<Source['documents']> {
  const { pool } = run.state
  const records = documentRecords(repomd)
  for (const name of documents)
    if (records[name] === undefined)
      run.notice('warn', `the upstream has no ${name}; one without its contents is published`)
  const fetched = await fetchRecords(Object.values(records), run)
  return Object.fromEntries(
    fetched.map(({ record, content }) => [record.type, { file: pool.path(content.sha256), record, content }]),
  )
}

function needsStreams({ selection }: Repo): boolean {
  return selection.keep !== undefined || selection.withDeps !== 'no'
}

/** What the modules documents say of the packages; they are fetched before all else where their versions are chosen. */
async function fetchStreams({ repomd }: Edition, table: PackageTable, run: Run): Promise<Streams | undefined> {
  const record = repomd.records.find(isModules)
  if (record === undefined || !needsStreams(run.repo)) return undefined
  const fetched = await fetchRecords([record], run)
  const { content } = fetched[0] as FetchedRecord
  const { readStreams } = await import('./readStreams.ts')
  return await readStreams({ file: run.state.pool.path(content.sha256), record, content }, table)
}

/** Clients take a modular package that no document lists for one of no module, and install it in place of others. */
function tellModular({ table, rows }: Source, { repomd }: Edition, { notice }: Run): void {
  if (repomd.records.some(isModules)) return
  const { length } = rows.filter((row) => isModular(table.release(row)))
  if (length > 0)
    notice(
      'warn',
      `the upstream has no modules documents; clients take its ${length} modular packages for ordinary ones`,
    )
}

function tellWaiting(packages: number, ripe: number | undefined, { notice }: Run): void {
  if (ripe === undefined) return
  const count = numberText(packages, 'package is', 'packages are')
  notice('info', `${count} younger than min_age and held back, the first until ${new Date(ripe).toISOString()}`)
}

/** How many NEVRAs that occur twice are told one by one. */
const maxTold = 10

function tellDuplicates(nevras: readonly string[], { repo, notice }: Run): void {
  const outcome = repo.duplicates === 'newest' ? 'the newest build is taken' : 'all are kept'
  for (const nevra of nevras.slice(0, maxTold)) notice('warn', `the upstream lists ${nevra} more than once; ${outcome}`)
  if (nevras.length > maxTold)
    notice('warn', `the upstream lists ${nevras.length - maxTold} more packages more than once; ${outcome}`)
}
