import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Mended } from '../lifecycle/verify/mend.ts'
import type { Named } from '../lifecycle/verify/relink.ts'
import { contentRows } from '../store/content.ts'
import { findRepo } from '../store/generations.ts'
import { forgetLook } from '../store/looks.ts'
import { findMirrors } from '../sync/mirrored/mirrored.ts'
import { type Lost, refetch } from '../sync/refetch.ts'
import { indexed } from './plan.ts'
import type { Repairing } from './repairing.ts'
import { runRepo } from './run.ts'
import { syncTo } from './syncTo.ts'
import { openForLook } from './upstream.ts'

/** Contents that are in the pool again, whence, and why others are not. */
export type FetchedLost = { mended: Mended[]; found: Set<string>; reasons: string[] }

/**
 * Brings contents back from the upstreams of the repositories that have them: of snapshots and channels too, which have
 * the upstream of the repository that they show. Metadata that was made here comes back by a sync, which makes it again.
 */
export async function fetchLost(
  lacking: ReadonlyMap<string, number | undefined>,
  names: readonly Named[],
  repairing: Repairing,
): Promise<FetchedLost> {
  const fetched: FetchedLost = { mended: [], found: new Set(), reasons: [] }
  const wanted = names.filter(({ sha256 }) => lacking.has(sha256))
  const isLost = ({ sha256 }: Named) => !fetched.found.has(sha256)
  for (const repo of repairing.config.repos) {
    const own = wanted.filter((name) => isOf(repo, name) && isLost(name))
    if (own.length > 0) await fetchFrom(repo, lostOf(own, lacking), fetched, repairing)
    if (own.some((name) => name.isCurrent && name.repo === repo.path && isMetadata(name) && isLost(name)))
      await remake(repo, own.filter(isLost), fetched, repairing)
  }
  return fetched
}

function isOf({ path }: Repo, { repo }: Named): boolean {
  return repo === path || repo.endsWith(`/${path}`)
}

function isMetadata({ path }: Named): boolean {
  return path.startsWith('repodata/')
}

function lostOf(names: readonly Named[], sizes: ReadonlyMap<string, number | undefined>): Lost[] {
  const byContent = Map.groupBy(names, ({ sha256 }) => sha256)
  return [...byContent].map(([sha256, all]) => ({
    sha256,
    size: sizes.get(sha256),
    paths: [...new Set(all.map(({ path }) => path))],
  }))
}

async function fetchFrom(
  given: Repo,
  lost: readonly Lost[],
  fetched: FetchedLost,
  repairing: Repairing,
): Promise<void> {
  const { state, emit, signal, program } = repairing
  const connections = given.transfer.maxParallelDownloads
  const context = { state, emit, signal, acceptShrink: true, overrides: undefined, connections: () => connections }
  try {
    const repo = await indexed(given, { ...context, program })
    const upstream = await openForLook(repo, state, connections)
    const { found, reasons } = await findMirrors(upstream, repo, signal)
      .then(() => refetch(repo, lost, { ...context, upstream }))
      .finally(() => upstream.close())
    for (const sha256 of found) take(sha256, 'the upstream', fetched, repairing)
    for (const reason of new Set(reasons.values())) fetched.reasons.push(`${given.id}: ${reason}`)
  } catch (error) {
    if (signal.aborted || !(error instanceof MirrorError)) throw error
    fetched.reasons.push(`${given.id}: ${error.message}`)
  }
}

/** Has a repository synced whatever its last look says: the metadata that is published is made once more, or newer one. */
async function remake(repo: Repo, lost: readonly Named[], fetched: FetchedLost, repairing: Repairing): Promise<void> {
  const { state, emit, signal, program } = repairing
  const row = findRepo(state.database, repo.path)
  if (row !== undefined) forgetLook(state.database, row)
  const request = { acceptShrink: false, overrides: undefined }
  const connections = () => repo.transfer.maxParallelDownloads
  const using = { state, emit, signal, connections, perSecond: () => undefined }
  const { error } = await runRepo(repo, {
    ...request,
    ...using,
    program,
    syncTo: (upstream, snapshot) => syncTo(upstream, snapshot, request, using),
  })
  if (error instanceof MirrorError) fetched.reasons.push(error.line)
  else if (error !== undefined) throw error
  const rows = contentRows(state.database)
  for (const { sha256 } of lost)
    if (rows.find({ algorithm: 'sha256', hex: sha256 }, undefined) !== undefined)
      take(sha256, 'a sync, which made it again', fetched, repairing)
}

function take(sha256: string, from: string, fetched: FetchedLost, { state }: Repairing): void {
  if (fetched.found.has(sha256)) return
  fetched.found.add(sha256)
  fetched.mended.push({ path: state.pool.path(sha256), from })
}
