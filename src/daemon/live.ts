import type { OperationJob, RunJob } from '../jobs/job.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Scheduler } from '../schedule/scheduler.ts'
import type { Live, LiveOperation, LiveRepo } from '../status/live.ts'
import type { InForce } from './inForce.ts'

/** What a report adds while a daemon runs. */
export function liveOf(started: number, { config, reloaded }: InForce, queue: Queue, scheduler: Scheduler): Live {
  const runs = queue.jobs.filter((job) => job.repo !== undefined)
  const jobs = Map.groupBy(runs, ({ repo }) => repo.path)
  const operations = queue.jobs.filter((job): job is OperationJob => job.repo === undefined && job.state !== 'ended')
  const repos = new Map(
    config.repos.map(({ id, path }) => [id, liveRepo(jobs.get(path) ?? [], scheduler.next(id))] as const),
  )
  return { started, reload: reloaded, repos, operations: operations.map(liveOperation) }
}

function liveRepo(jobs: readonly RunJob[], next: number | undefined): LiveRepo {
  const running = jobs.find(({ state }) => state === 'running')
  return {
    next,
    running: running && { since: running.started ?? running.asked, by: running.asker, progress: running.progress },
    queued: jobs.filter(({ state }) => state === 'queued').length,
  }
}

function liveOperation({ id, verb, asking, asked, started, progress }: OperationJob): LiveOperation {
  return { job: id, verb, isRunning: started !== undefined, since: started ?? asked, by: asking.by, progress }
}
