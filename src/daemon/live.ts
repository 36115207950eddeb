import type { Job, Queue } from '../jobs/queue.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Live, LiveRepo } from '../status/live.ts'
import type { InForce } from './inForce.ts'

/** What a report adds while a daemon runs. */
export function liveOf(started: number, { config, reloaded }: InForce, queue: Queue, scheduler: Scheduler): Live {
  const jobs = Map.groupBy(queue.jobs, ({ repo }) => repo.path)
  const repos = new Map(
    config.repos.map(({ id, path }) => [id, liveRepo(jobs.get(path) ?? [], scheduler.next(id))] as const),
  )
  return { started, reload: reloaded, repos }
}

function liveRepo(jobs: readonly Job[], next: number | undefined): LiveRepo {
  const running = jobs.find(({ state }) => state === 'running')
  return {
    next,
    running: running && { since: running.started ?? running.asked, by: running.asker, progress: running.progress },
    queued: jobs.filter(({ state }) => state === 'queued').length,
  }
}
