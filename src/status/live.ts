import type { Progress } from '../events.ts'

/** What only a running daemon knows. Times are milliseconds since the epoch. */
export type Live = {
  started: number
  /** When the configuration was last read anew, and why that failed: what was configured before still holds then. */
  reload: { at: number; error: string | undefined } | undefined
  /** By the repositories' ids; what is missing has no next run, does not run and does not wait. */
  repos: ReadonlyMap<string, LiveRepo>
  /** What is done besides syncs, or waits. */
  operations: readonly LiveOperation[]
}

/** An operation of the daemon that runs, or waits, since then. */
export type LiveOperation = Running & { job: number; verb: string; isRunning: boolean }

export type LiveRepo = {
  /** When it is due next; undefined for never by itself. */
  next: number | undefined
  running: Running | undefined
  /** Runs of it that wait for their turn. */
  queued: number
}

export type Running = {
  since: number
  /** Who asked for it, in a word or two: `schedule`. */
  by: string
  /** What it told last; undefined while it only looks at the upstream. */
  progress: Progress | undefined
}
