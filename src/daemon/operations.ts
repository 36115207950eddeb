import pLimit from 'p-limit'
import type { Asked, JobView, Operations, RunView, SyncRequest, Told } from '../admin/operations.ts'
import { Refusal } from '../admin/refusal.ts'
import { chooseSynced } from '../config/choose.ts'
import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { writesOf } from '../jobs/carryOut.ts'
import { doneFacts, factsOf } from '../jobs/facts.ts'
import type { Job } from '../jobs/job.ts'
import type { Accepting } from '../jobs/messages.ts'
import type { Asking } from '../jobs/operation.ts'
import { findOperation } from '../jobs/operations.ts'
import { override } from '../jobs/overrides.ts'
import type { Planned } from '../jobs/plans.ts'
import type { Queue } from '../jobs/queue.ts'
import type { Database } from '../store/database.ts'
import { findRepo } from '../store/generations.ts'
import { lastRuns } from '../store/runs.ts'
import type { InForce } from './inForce.ts'

/** What of a daemon the operations are about. */
export type Operated = {
  held: InForce
  queue: Queue
  database: Database
  status(): unknown
  reload(): Promise<Config>
  /** Plans a sync of one repository; does not throw. */
  plan(repo: Repo, accepting: Accepting, signal: AbortSignal): Promise<Planned>
}

/** A daemon's own part of the admin API. */
export function operationsOf(daemon: Operated): Operations {
  const { queue } = daemon
  return {
    status: () => daemon.status(),
    jobs: () => queue.jobs.map(viewOf),
    job(id) {
      const job = queue.find(id)
      return job && viewOf(job)
    },
    sync: (request) => sync(request, daemon),
    operate: (asking) => operate(asking, daemon),
    plan: (request, signal) => plan(request, daemon, signal),
    cancel: (id) => (queue.find(id) === undefined ? undefined : queue.cancel(id)),
    history: (id, limit) => history(id, limit, daemon),
    async reload() {
      const { file, repos } = await daemon.reload()
      return { file, repos: repos.length }
    },
  }
}

function sync(
  { repos: operands, acceptShrink = false, acceptRollback, ...overriding }: SyncRequest,
  daemon: Operated,
): Asked {
  const { held, queue } = daemon
  const { repos, overrides } = override(configured(held.config, operands), overriding)
  return asked(queue.askAll(repos, { acceptShrink, acceptRollback, overrides }, 'operator'), queue)
}

function operate(asking: Asking, { held, queue }: Operated): Asked {
  if (findOperation(asking.name) === undefined) throw new Refusal(404, `there is no operation ${asking.name}`)
  return asked([queue.operate(asking, writesOf(held.config, asking), 'operator')], queue)
}

function asked(jobs: readonly Job[], queue: Queue): Asked {
  return {
    jobs: jobs.map(viewOf),
    follow(tell) {
      const ended = followed(jobs, queue, tell)
      const leave = () => {
        for (const job of jobs) queue.leave(job)
      }
      return { ended, leave }
    },
  }
}

async function plan(request: SyncRequest, daemon: Operated, signal: AbortSignal): Promise<Planned[]> {
  const { repos: operands, acceptShrink = false, acceptRollback, ...overriding } = request
  const { repos } = override(configured(daemon.held.config, operands), overriding)
  const limit = pLimit(daemon.held.config.workers)
  return await Promise.all(
    repos.map((repo) => limit(() => daemon.plan(repo, { acceptShrink, acceptRollback }, signal))),
  )
}

/** The repositories that are asked for. @throws Refusal 404 for what there is not */
function configured(config: Config, operands: readonly string[]): Repo[] {
  try {
    return chooseSynced(config, operands)
  } catch (error) {
    throw error instanceof MirrorError ? new Refusal(404, error.message) : error
  }
}

async function followed(jobs: readonly Job[], queue: Queue, tell: (told: Told) => void): Promise<void> {
  const followed = new Set(jobs)
  const stop = queue.watch((job, event) => {
    if (!followed.has(job)) return
    tell(event.type === 'state' ? { type: 'job', job: viewOf(job) } : { type: 'event', id: job.id, event })
  })
  await Promise.all(jobs.map((job) => queue.ended(job))).finally(stop)
}

function history(id: string, limit: number, { held, database }: Operated): RunView[] {
  const { repos, file } = held.config
  const repo = repos.find((one) => one.id === id)
  if (repo === undefined) throw new Refusal(404, `no repository ${id} in ${file}`)
  const row = findRepo(database, repo.path)
  if (row === undefined) return []
  return lastRuns(database, row, limit).map(({ at, milliseconds, message, ...run }) => ({
    repo: id,
    at: new Date(at).toISOString(),
    seconds: milliseconds / 1000,
    ...run,
    message: message ?? null,
  }))
}

function viewOf(job: Job): JobView {
  const { id, state, asker, asked: at, started, ended, progress } = job
  const times = { asked: new Date(at).toISOString(), started: iso(started), ended: iso(ended) }
  const common = { id, state, asker, ...times, progress: progress ?? null }
  if (job.repo === undefined) {
    const { verb, asking, outcome } = job
    const done = outcome === undefined ? null : doneFacts(outcome)
    return { ...common, verb, repo: null, by: asking.by, arguments: asking.arguments, outcome: done }
  }
  const { verb, repo, request, outcome } = job
  const facts = outcome === undefined ? null : factsOf(outcome)
  return { ...common, verb, repo: repo.id, overrides: request.overrides ?? null, outcome: facts }
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
