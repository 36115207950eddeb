import type { Repo } from '../config/repo.ts'
import { recover } from '../publish/recover.ts'
import { repoRow } from '../store/generations.ts'
import type { State } from '../store/state.ts'
import type { Edition } from '../sync/edition.ts'
import { rememberLook } from '../sync/look.ts'
import type { SyncContext } from '../sync/run.ts'
import { sync } from '../sync/sync.ts'
import { rememberAccepted } from '../sync/trust/judge.ts'
import type { Request, SyncSummary } from './messages.ts'
import { connectionsOf, openForSync } from './upstream.ts'

/** `perSecond`: bytes that may come in a second; undefined for no limit. */
export type Using = Pick<SyncContext, 'state' | 'emit' | 'signal' | 'connections'> & {
  perSecond: () => number | undefined
}

/** Brings a repository to an edition in this process, and remembers it. */
export async function syncTo(repo: Repo, first: Edition, request: Request, using: Using): Promise<SyncSummary> {
  const { state, perSecond } = using
  const { acceptShrink, acceptRollback, overrides } = request
  const upstream = await openForSync(repo, first, state, perSecond)
  const connections = connectionsOf(repo, upstream, using.connections)
  try {
    const context = { ...using, connections, upstream, acceptShrink, acceptRollback, overrides }
    const { edition, until, ...summary } = await sync(repo, first, context)
    rememberLook(repo, edition, state, until)
    rememberAccepted(edition, { repo, row: repoRow(state.database, repo), state })
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
