import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { writesOf } from '../jobs/carryOut.ts'
import { followersOf, publishedBy } from '../jobs/followers.ts'
import type { Job } from '../jobs/job.ts'
import type { Asking } from '../jobs/operation.ts'
import type { Queue } from '../jobs/queue.ts'
import { lastScheduled } from '../lifecycle/promote.ts'
import type { Log } from '../log.ts'
import type { Timing } from '../schedule/due.ts'
import { openScheduler } from '../schedule/scheduler.ts'
import type { State } from '../store/state.ts'
import type { InForce } from './inForce.ts'

/** What fills channels by itself: the clock, and publications that they follow. */
export type Promotions = { follow(config: Config): void; close(): void }

/** Nothing is due before `follow`. What a channel missed is made up for by one promotion; a new one waits for its first time. */
export function openPromotions(held: InForce, queue: Queue, state: State, log: Log): Promotions {
  const since = Date.now()
  const ask = (asking: Asking) => {
    try {
      queue.operate(asking, writesOf(held.config, asking), 'schedule')
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error
      log.warn({ repo: asking.name }, error.message)
    }
  }
  const scheduler = openScheduler({
    lastRun: (name) => lastScheduled(state.database, name) ?? since,
    run: (to) => ask({ name: 'promote', arguments: { repos: [], to, scheduled: true, force: false }, by: 'schedule' }),
  })
  const leave = queue.watch((job, { type }) => {
    if (type === 'state') for (const asking of followersAfter(job, held.config)) ask(asking)
  })
  return {
    follow: (config) => scheduler.follow(timingsOf(config)),
    close() {
      leave()
      scheduler.close()
    },
  }
}

function timingsOf({ channels }: Config): Timing[] {
  return channels.flatMap(({ name, timing }) =>
    timing === undefined ? [] : [{ id: name, ...timing, timeZone: timing.timeZone ?? Temporal.Now.timeZoneId() }],
  )
}

function followersAfter(job: Job, config: Config): Asking[] {
  if (job.outcome === undefined) return []
  if (job.repo === undefined) {
    const { channel, repos } = publishedBy(job.asking, job.outcome.answer)
    return followersOf(config, channel, repos)
  }
  return job.outcome.summary?.result === 'published' ? followersOf(config, undefined, [job.repo.id]) : []
}
