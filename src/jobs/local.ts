import type { Repo } from '../config/repo.ts'
import { type Code, MirrorError } from '../errors.ts'
import type { Indexing } from '../sync/local/local.ts'
import type { RunSummary, SyncSummary } from './messages.ts'

/** After so many files that changed between indexing and copying the folder is left to the next run. */
const maxTries = 3

/** What copying comes to when a file is gone or another one. */
const moved: ReadonlySet<Code> = new Set<Code>(['E_HTTP', 'E_SIZE', 'E_CHECKSUM', 'E_TRUNCATED'])

/** Indexes the folders of a local repository and syncs from the index, anew where a file changed between the two. */
export async function syncLocal(
  repo: Repo,
  indexing: Indexing,
  syncFrom: (upstream: Repo) => Promise<SyncSummary>,
): Promise<RunSummary> {
  const { indexLocal } = await import('../sync/local/local.ts')
  for (let tries = 1; ; tries++) {
    try {
      const { repo: upstream, leftOut } = await indexLocal(repo, indexing)
      return { ...(await syncFrom(upstream)), leftOut }
    } catch (error) {
      if (!(error instanceof MirrorError) || !moved.has(error.code) || tries === maxTries) throw error
      const message = `a file changed while it was copied, looking again: ${error.message}`
      indexing.emit({ type: 'notice', repo: repo.id, level: 'info', message })
    } finally {
      indexing.emit({ type: 'ended', repo: repo.id })
    }
  }
}
