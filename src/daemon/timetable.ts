import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Log } from '../log.ts'
import type { Timing } from '../schedule/due.ts'
import { findRepo } from '../store/generations.ts'
import { lastWhole } from '../store/runs.ts'
import type { State } from '../store/state.ts'
import type { InForce } from './inForce.ts'

/** When each repository of a configuration is to be synced; those without a schedule are left out. */
export function timingsOf({ repos }: Config): Timing[] {
  return repos.flatMap(({ id, timing }) =>
    timing === undefined ? [] : [{ id, ...timing, timeZone: timing.timeZone ?? Temporal.Now.timeZoneId() }],
  )
}

/**
 * When a repository's last run began, whoever asked for it, in milliseconds since the epoch. One that was interrupted, as
 * the daemon stopped, does not count: it is made up for like one that was missed.
 */
export function lastRunOf(id: string, { config }: InForce, { database }: State): number | undefined {
  const repo = config.repos.find((one) => one.id === id)
  const row = repo && findRepo(database, repo.path)
  return row === undefined ? undefined : lastWhole(database, row)
}

/** Asks for a run that is due. One that still runs is let finish; there is one more after it, however often it was due. */
export function runDue(id: string, { config }: InForce, queue: Queue, log: Log): void {
  const repo = config.repos.find((one) => one.id === id)
  if (repo === undefined) return
  const running = queue.jobs.find((job) => job.repo?.path === repo.path && job.state === 'running')
  if (running !== undefined) {
    const message = `due again while job ${running.id} still runs, and goes on after it; a longer interval would fit`
    log.warn({ repo: id, code: 'E_OVERRUN' }, `E_OVERRUN: ${message}`)
  }
  try {
    queue.ask(repo, { acceptShrink: false, overrides: undefined }, 'schedule')
  } catch (error) {
    // Somebody's own run waits already; the schedule comes again.
    if (!(error instanceof MirrorError)) throw error
    log.warn({ repo: id }, `due, but ${error.message}`)
  }
}
