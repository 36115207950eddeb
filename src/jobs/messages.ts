import type { Repo } from '../config/repo.ts'
import type { Code } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Places } from '../store/state.ts'
import type { SyncResult } from '../sync/publishPlan.ts'
import type { Validators } from '../sync/snapshot.ts'

/** What a worker process is told first: one repository to bring to one snapshot. */
export type SyncOrder = {
  type: 'sync'
  places: Places
  repo: Repo
  snapshot: { bytes: Buffer; validators: Validators }
  connections: number
  acceptShrink: boolean
  overrides: string | undefined
}

export type ToWorker = SyncOrder | { type: 'connections'; connections: number } | { type: 'stop' }

/** What the parent is told of a run that ended well. */
export type SyncSummary = Omit<SyncResult, 'snapshot' | 'until'>

export type FromWorker =
  | { type: 'event'; event: Event }
  | { type: 'done'; summary: SyncSummary }
  | { type: 'failed'; code: Code | undefined; message: string; stack: string | undefined }
