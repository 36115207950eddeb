import type { Repo } from '../config/repo.ts'
import { recover } from '../publish/recover.ts'
import { repoRow } from '../store/generations.ts'
import type { State } from '../store/state.ts'
import { rememberLook } from '../sync/look.ts'
import type { SyncContext } from '../sync/run.ts'
import type { Snapshot } from '../sync/snapshot.ts'
import { sync } from '../sync/sync.ts'
import { rememberAccepted } from '../sync/trust/judge.ts'
import { openUpstream } from '../upstream/upstream.ts'
import type { Request, SyncSummary } from './messages.ts'

/** `perSecond`: bytes that may come in a second; undefined for no limit. */
export type Using = Pick<SyncContext, 'state' | 'emit' | 'signal' | 'connections'> & {
  perSecond: () => number | undefined
}

/** Brings a repository to a snapshot in this process, and remembers it. */
export async function syncTo(repo: Repo, first: Snapshot, request: Request, using: Using): Promise<SyncSummary> {
  const { state, perSecond } = using
  const { acceptShrink, acceptRollback, overrides } = request
  const known = { places: first.listed?.places, perSecond }
  const upstream = await openUpstream(repo, repo.transfer.maxParallelDownloads, known)
  try {
    const context = { ...using, upstream, acceptShrink, acceptRollback, overrides }
    const { snapshot, until, ...summary } = await sync(repo, first, context)
    rememberLook(repo, snapshot, state, until)
    rememberAccepted(snapshot, { repo, row: repoRow(state.database, repo), state })
    return summary
  } catch (error) {
    takeBack(state, repo.path)
    throw error
  } finally {
    await upstream.close()
  }
}

/** What a failed publish prepared is taken back at once; if that fails too, the next start does it. */
function takeBack(state: State, path: string): void {
  try {
    recover(state, path)
  } catch {
    // The error that led here is the one to tell.
  }
}
