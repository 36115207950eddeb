import type { Repo } from '../config/repo.ts'
import type { Edition } from '../sync/edition.ts'
import { fetchEdition } from '../sync/fetchEdition.ts'
import { firstUrls } from '../sync/location.ts'
import { makePlan } from '../sync/plan.ts'
import { type SyncContext, startRun } from '../sync/run.ts'
import { judgeOf } from '../sync/trust/judge.ts'
import { wantedPackages } from '../sync/wanted.ts'
import { openForLook } from './upstream.ts'

/** What a sync of one repository would do: packages listed upstream, selected, and not in the pool yet. */
export type RepoPlan = {
  listed: number
  packages: number
  bytes: number
  missing: number
  missingBytes: number
  urls: string[]
}

type Planning = Pick<SyncContext, 'state' | 'emit' | 'signal' | 'acceptShrink' | 'acceptRollback'> & { program: string }

/** Plans a sync without fetching a package; upstream's metadata is fetched, or a local one's made, and stays. */
export async function planRepo(given: Repo, context: Planning): Promise<RepoPlan> {
  const repo = await indexed(given, context)
  const connections = repo.transfer.maxParallelDownloads
  const upstream = await openForLook(repo, context.state, connections)
  try {
    const run = startRun(repo, { ...context, upstream, connections: () => connections, overrides: undefined })
    const edition = (await fetchEdition(upstream, {}, repo, context.signal, judgeOf(run))) as Edition
    const plan = await makePlan(edition, run).finally(() => run.ledger.settle())
    const wanted = [...wantedPackages(plan.upstream, upstream)]
    const missing = wanted.filter((file) => run.downloads.present(file) === undefined)
    return {
      listed: plan.upstream.table.length,
      packages: plan.packages,
      bytes: plan.bytes,
      missing: missing.length,
      missingBytes: missing.reduce((sum, { size = 0 }) => sum + size, 0),
      urls: wanted.map(({ where }) => (firstUrls(where)[0] as URL).href),
    }
  } finally {
    await upstream.close()
  }
}

/** The repository with an upstream, which is made first where it has none of its own. */
export async function indexed(repo: Repo, context: Planning): Promise<Repo> {
  if (repo.merge.length > 0) {
    const { indexMerged } = await import('../sync/merge/merge.ts')
    return (await indexMerged(repo, context)).repo
  }
  if (repo.local.length === 0) return repo
  const { indexLocal } = await import('../sync/local/local.ts')
  return (await indexLocal(repo, { ...context, places: context.state })).repo
}
