import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { contentRows } from '../store/content.ts'
import { FetchError } from './download.ts'
import type { Edition } from './edition.ts'
import { fetchAll } from './fetch.ts'
import { fetchEdition } from './fetchEdition.ts'
import { type FetchedRecord, fetchRecords } from './fetchRecords.ts'
import { whereOf } from './location.ts'
import { documentRecords } from './records.ts'
import { type Run, type SyncContext, startRun } from './run.ts'
import { readTable } from './source.ts'
import { judgeOf } from './trust/judge.ts'
import { type Wanted, wantedPackages, wantedRecord } from './wanted.ts'

/** A content that was published and is lost: its digest, its size as far as that is known, and the paths that it had. */
export type Lost = { sha256: string; size: number | undefined; paths: readonly string[] }

/** What came back, and why the rest did not, by digest. */
export type Refetched = { found: Set<string>; reasons: Map<string, string> }

/**
 * Brings lost contents back into the pool: from where the upstream's metadata now has them, else from the path at which
 * they are published here, which most upstreams share. Nothing is published; what comes must have the digest that it had.
 */
export async function refetch(repo: Repo, lost: readonly Lost[], context: SyncContext): Promise<Refetched> {
  const run = startRun(repo, context)
  const reasons = new Map<string, string>()
  const found = new Set<string>()
  const named = await namedUpstream(lost, run).catch((error: unknown) => {
    if (run.signal.aborted || !(error instanceof MirrorError)) throw error
    return error
  })
  // Who does not answer at all is not asked for each file.
  if (named instanceof MirrorError)
    return { found, reasons: new Map(lost.map(({ sha256 }) => [sha256, named.message])) }
  await fetchAll(lost, context.connections, run.signal, async (one) => {
    const { sha256 } = one
    const wanted = named.get(sha256)
    const reason = await fetchFirst(wanted === undefined ? atPaths(one, run) : [wanted], run)
    if (reason === undefined) found.add(sha256)
    else reasons.set(sha256, reason)
  }).finally(() => run.ledger.settle())
  return { found, reasons }
}

/** Fetches a file from the first place that has it; else why none has. What is lost is of that file alone. */
async function fetchFirst(places: readonly Wanted[], { downloads, ledger }: Run): Promise<string | undefined> {
  let reason = ''
  for (const wanted of places) {
    try {
      ledger.add(await downloads.download(wanted))
      return undefined
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      reason = error.message
    }
  }
  return reason
}

/** Those of them that the upstream's metadata names now, by their digests. */
async function namedUpstream(lost: readonly Lost[], run: Run): Promise<Map<string, Wanted>> {
  const { upstream, repo, state, signal } = run
  const edition = (await fetchEdition(upstream, {}, repo, signal, judgeOf(run))) as Edition
  const wanted = new Set(lost.map(({ sha256 }) => sha256))
  const rows = contentRows(state.database)
  const named = new Map<string, Wanted>()
  for (const record of edition.repomd.records) {
    const sha256 = rows.sha256Of(record.checksum)
    if (sha256 !== undefined && wanted.has(sha256)) named.set(sha256, wantedRecord(record, repo, upstream))
  }
  if (lost.every(({ paths }) => paths.every((path) => path.startsWith('repodata/')))) return named
  const { primary } = documentRecords(edition.repomd)
  const fetched = await fetchRecords([primary as RepomdRecord], run)
  const { record, content } = fetched[0] as FetchedRecord
  const { table } = await readTable({ record, content, file: state.pool.path(content.sha256) })
  const isWanted = (row: number) => wanted.has(rows.sha256Of(table.checksum(row)) ?? '')
  const found = Uint32Array.from(Array.from({ length: table.length }, (_, row) => row).filter(isWanted))
  for (const one of wantedPackages({ documents: {}, plain: true, table, rows: found }, upstream))
    named.set(rows.sha256Of(one.digest) as string, one)
  return named
}

/** A file where it would be if the upstream had it at one of our own paths. */
function atPaths({ sha256, size, paths }: Lost, { upstream }: Run): Wanted[] {
  const digest = { algorithm: 'sha256', hex: sha256 } as const
  return paths.map((path) => ({ what: path, where: whereOf({ href: path }, upstream), digest, size, fileTime: 0 }))
}
