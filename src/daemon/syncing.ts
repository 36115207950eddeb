import type { Queue } from '../jobs/queue.ts'
import { openScheduler, type Scheduler } from '../schedule/scheduler.ts'
import type { State } from '../store/state.ts'
import { type InForce, inForce } from './inForce.ts'
import type { DaemonOptions } from './options.ts'
import { openRuns } from './runs.ts'
import { lastRunOf, runDue, timingsOf } from './timetable.ts'

/** What syncs: the configuration in force, the queue of runs, and the clock that fills it from `begin` on. */
export type Syncing = {
  held: InForce
  queue: Queue
  scheduler: Scheduler
  begin(): void
  close: () => Promise<void>
}

/** Opens all three; the clock follows each configuration that is read. */
export function openSyncing(
  options: Pick<DaemonOptions, 'config' | 'readConfig' | 'program' | 'log'>,
  state: State,
): Syncing {
  const { config, program, log } = options
  const held = inForce(
    config,
    () => options.readConfig(),
    (fresh) => scheduler.follow(timingsOf(fresh)),
  )
  const queue = openRuns(held, state, program, log)
  const scheduler = openScheduler({
    lastRun: (id) => lastRunOf(id, held, state),
    run: (id) => runDue(id, held, queue, log),
  })
  return {
    held,
    queue,
    scheduler,
    begin: () => scheduler.follow(timingsOf(config)),
    close: () => {
      scheduler.close()
      return queue.close()
    },
  }
}
