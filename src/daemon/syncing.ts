import type { Repo } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import { planApart } from '../jobs/apart.ts'
import type { Accepting } from '../jobs/messages.ts'
import type { Planned } from '../jobs/plans.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Log } from '../log.ts'
import { openScheduler, type Scheduler } from '../schedule/scheduler.ts'
import type { State } from '../store/state.ts'
import { type InForce, inForce } from './inForce.ts'
import type { DaemonOptions } from './options.ts'
import { openPromotions } from './promotions.ts'
import { openApart, openRuns } from './runs.ts'
import { openScrubbing } from './scrubbing.ts'
import { lastRunOf, runDue, timingsOf } from './timetable.ts'

/** What syncs: the configuration in force, the queue of runs, and the clock that fills it from `begin` on. */
export type Syncing = {
  held: InForce
  queue: Queue
  scheduler: Scheduler
  begin(): void
  /** Plans a sync of one repository; does not throw. */
  plan(repo: Repo, accepting: Accepting, signal: AbortSignal): Promise<Planned>
  close: () => Promise<void>
}

/** Opens all three; clock and queue follow each configuration that is read. */
export function openSyncing(
  options: Pick<DaemonOptions, 'config' | 'readConfig' | 'program' | 'log'>,
  state: State,
): Syncing {
  const { config, program, log } = options
  const held = inForce(
    config,
    () => options.readConfig(),
    (fresh) => {
      queue.follow(fresh.repos)
      scheduler.follow(timingsOf(fresh))
      promotions.follow(fresh)
    },
  )
  const apart = openApart(held, state, program)
  const queue = openRuns(apart, log)
  const scheduler = openScheduler({
    lastRun: (id) => lastRunOf(id, held, state),
    run: (id) => runDue(id, held, queue, log),
  })
  const promotions = openPromotions(held, queue, state, log)
  const endScrubbing = openScrubbing(() => held.config, queue, apart, log)
  return {
    held,
    queue,
    scheduler,
    plan: (repo, accepting, signal) =>
      queue.turn(repo.path, () => planApart(repo, accepting, apart(), noticed(log), signal)),
    begin: () => {
      scheduler.follow(timingsOf(config))
      promotions.follow(config)
    },
    close: () => {
      promotions.close()
      endScrubbing()
      scheduler.close()
      return queue.close()
    },
  }
}

/** Notices of something that is no job go to the log alone. */
function noticed(log: Log): Emit {
  return (event) => {
    if (event.type === 'notice') log[event.level]({ repo: event.repo }, event.message)
  }
}
