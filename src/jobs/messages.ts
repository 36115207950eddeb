import type { Config, Repo } from '../config/repo.ts'
import type { PackedError } from '../errors.ts'
import type { Event } from '../events.ts'
import type { Keeping } from '../lifecycle/sweep/guard.ts'
import type { Swept } from '../lifecycle/sweep.ts'
import type { Places } from '../store/state.ts'
import type { PackedEdition } from '../sync/edition.ts'
import type { SyncResult } from '../sync/publishPlan.ts'
import type { Asking } from './operation.ts'
import type { RepoPlan } from './plan.ts'

/** What a run is told besides the configuration. */
export type Request = {
  acceptShrink: boolean
  /** Whether an upstream may have gone back to an older repomd.xml. */
  acceptRollback?: boolean | undefined
  /** What it was told on the command line that its file does not say, in words; undefined for nothing. */
  overrides: string | undefined
}

/** What a run may take from an upstream that would be held otherwise. */
export type Accepting = Pick<Request, 'acceptShrink' | 'acceptRollback'>

/** One repository to bring to one edition, which its parent has found and remembers. */
export type SyncOrder = Request & {
  type: 'sync'
  places: Places
  repo: Repo
  edition: PackedEdition
  connections: number
}

/** One repository to look at, to sync if there is something to do, and to remember how that ended. */
export type RunOrder = Request & { type: 'run'; places: Places; repo: Repo; connections: number }

/** What no retained generation names, to be removed; `retain` as `sweep` takes it, `locals` are paths with an index. */
export type SweepOrder = {
  type: 'sweep'
  places: Places
  retain: ReadonlyMap<string, number>
  keeping: ReadonlyMap<string, Keeping>
  locals: string[]
}

/** One repository to plan a sync of. */
export type PlanOrder = Accepting & { type: 'plan'; places: Places; repo: Repo }

/** One operation of the table to carry out. */
export type OperationOrder = { type: 'operation'; places: Places; config: Config; asking: Asking }

/** What a worker process is told first. */
export type Order = SyncOrder | RunOrder | SweepOrder | PlanOrder | OperationOrder

/** An order as it is sent, with the names of variables that programs of the operator's are not given. */
export type SentOrder = Order & { secretVariables?: string[] }

export type ToWorker =
  | SentOrder
  | { type: 'connections'; connections: number; perSecond: number | undefined }
  | { type: 'stop' }

/** What the parent is told of a run that ended well. */
export type SyncSummary = Omit<SyncResult, 'edition' | 'until'> & {
  /** The generation that it was rolled back to and stays at; nothing was looked at. */
  held?: number
  /** Why the upstream was left alone, if it was. */
  skipped?: string
}

/** The same, with the files of local folders that were to be packages and are not. */
export type RunSummary = SyncSummary & { leftOut: number }

/** What each order is answered by. */
export type Answers = { sync: SyncSummary; run: RunSummary; sweep: Swept; plan: RepoPlan; operation: unknown }

export type FromWorker =
  | { type: 'event'; event: Event }
  | { type: 'done'; answer: Answers[Order['type']] }
  | ({ type: 'failed' } & PackedError)
