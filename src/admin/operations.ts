import type { Event, Progress } from '../events.ts'
import type { DoneFacts, Facts } from '../jobs/facts.ts'
import type { Asking } from '../jobs/operation.ts'
import type { Planned } from '../jobs/plans.ts'

/** By which a client says who asks; on TCP it is no more than a word. */
export const askedByHeader = 'mirror-asked-by'

/** What a sync is asked for: repositories by ids or globs (none: all of them), and options as on the command line. */
export type SyncRequest = {
  repos: string[]
  newestOnly?: boolean
  arch?: string[]
  source?: boolean
  minBuildtime?: string
  delete?: boolean
  acceptShrink?: boolean
  acceptRollback?: boolean
}

type CommonView = {
  id: number
  state: 'queued' | 'running' | 'ended'
  asker: 'schedule' | 'operator'
  asked: string
  started: string | null
  ended: string | null
  progress: Progress | null
}

/** One run of one repository, as it is told; times in ISO 8601. */
export type RunJobView = CommonView & {
  verb: 'sync'
  repo: string
  /** What it was told that the configuration does not say. */
  overrides: string | null
  outcome: Facts | null
}

/** One operation of the table; `by` is who asked for it, `arguments` what for. */
export type OperationJobView = CommonView & {
  verb: string
  repo: null
  by: string
  arguments: unknown
  outcome: DoneFacts | null
}

export type JobView = RunJobView | OperationJobView

/** A line of a stream: that a job's state changed, or what it told. */
export type Told = { type: 'job'; job: JobView } | { type: 'event'; id: number; event: Event }

/** What was asked for: the jobs of a sync, in the order of the repositories, or that of an operation. */
export type Asked = {
  jobs: JobView[]
  /** Tells everything of these jobs from now on, until all have ended; `leave` cancels those that nobody else asked for. */
  follow(tell: (told: Told) => void): { ended: Promise<void>; leave: () => void }
}

/** How one earlier run ended; times in ISO 8601, durations in seconds. */
export type RunView = {
  repo: string
  at: string
  seconds: number
  result: string
  message: string | null
  added: number
  removed: number
  bytes: number
}

/** What a daemon can be asked. What is thrown is a Refusal, a MirrorError, or a bug. */
export type Operations = {
  /** The facts of /status.json. */
  status(): unknown
  jobs(): JobView[]
  job(id: number): JobView | undefined
  /** @throws Refusal 404 for a repository that there is not, E_USAGE for other options, E_BUSY where a run waits that was asked for in another way */
  sync(request: SyncRequest): Asked
  /** What a sync would do, without fetching a package. @throws as `sync` */
  plan(request: SyncRequest, signal: AbortSignal): Promise<Planned[]>
  /** Has an operation of the table done. @throws Refusal 404 for one that there is not, E_USAGE for other arguments */
  operate(asking: Asking): Asked
  /** False where the job has ended; undefined where there is none. */
  cancel(id: number): boolean | undefined
  /** The newest runs of a repository, newest first. @throws Refusal 404 */
  history(repo: string, limit: number): RunView[]
  /** Reads the configuration again. @throws E_CONFIG, and what was configured before holds */
  reload(): Promise<{ file: string; repos: number }>
}
