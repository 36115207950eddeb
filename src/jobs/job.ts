import type { Repo } from '../config/repo.ts'
import type { Progress } from '../events.ts'
import type { Request } from './messages.ts'
import type { Asking, Writes } from './operation.ts'
import type { Outcome } from './outcome.ts'

/** Why a job was asked for. */
export type Asker = 'schedule' | 'operator'

/** What all jobs have, from when they were asked for to how they ended; times in milliseconds since the epoch. */
export type Common = {
  readonly id: number
  readonly asker: Asker
  readonly asked: number
  /** How many have asked for it and not left since. */
  wantedBy: number
  state: 'queued' | 'running' | 'ended'
  started?: number
  ended?: number
  progress?: Progress
}

/** One run of one repository. */
export type RunJob = Common & {
  readonly verb: 'sync'
  /** As it was configured when the run was asked for or, while it waits, reloaded. */
  repo: Repo
  readonly request: Request
  outcome?: Outcome
}

/** One operation of the table. It does not wait for a worker that is free, only for what it writes. */
export type OperationJob = Common & {
  readonly verb: string
  readonly repo?: undefined
  readonly asking: Asking
  readonly writes: Writes
  outcome?: Done
}

export type Job = RunJob | OperationJob

/** How an operation ended: its answer, or why there is none. */
export type Done = { seconds: number; answer: unknown; error: unknown }

/** What a job keeps others from writing. */
export function writesOf(job: Job): Writes {
  return job.repo === undefined ? job.writes : [job.repo.path]
}
