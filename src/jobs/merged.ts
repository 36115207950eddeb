import type { Repo } from '../config/repo.ts'
import { type Code, MirrorError } from '../errors.ts'
import type { Merging } from '../sync/merge/upstreams.ts'
import type { SyncSummary } from './messages.ts'

/** After so many times that an upstream changed while packages were fetched it is left to the next run. */
const maxTries = 3

/** What fetching comes to when an upstream has moved on. */
const moved: ReadonlySet<Code> = new Set<Code>(['E_HTTP', 'E_SIZE', 'E_CHECKSUM'])

/** Merges upstreams and syncs from what that makes, anew where one of them moved between the two. */
export async function syncMerged(
  repo: Repo,
  merging: Merging,
  syncFrom: (upstream: Repo) => Promise<SyncSummary>,
): Promise<SyncSummary> {
  const { indexMerged } = await import('../sync/merge/merge.ts')
  let { repo: upstream } = await indexMerged(repo, merging)
  for (let tries = 1; ; tries++) {
    try {
      return await syncFrom(upstream)
    } catch (error) {
      if (!(error instanceof MirrorError) || !moved.has(error.code) || tries === maxTries) throw error
      const again = await indexMerged(repo, merging)
      if (!again.isNew) throw error
      upstream = again.repo
      const message = `an upstream changed meanwhile; planning again: ${error.message}`
      merging.emit({ type: 'notice', repo: repo.id, level: 'info', message })
    }
  }
}
