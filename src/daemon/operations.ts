import pLimit from 'p-limit'
import type { Asked, JobView, Operations, RunView, SyncRequest, Told } from '../admin/operations.ts'
import { Refusal } from '../admin/refusal.ts'
import { chooseRepos } from '../config/choose.ts'
import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { factsOf } from '../jobs/facts.ts'
import { override } from '../jobs/overrides.ts'
import type { Planned } from '../jobs/plans.ts'
import type { Job, Queue } from '../jobs/queue.ts'
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
  plan(repo: Repo, acceptShrink: boolean, signal: AbortSignal): Promise<Planned>
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
    plan: (request, signal) => plan(request, daemon, signal),
    cancel: (id) => (queue.find(id) === undefined ? undefined : queue.cancel(id)),
    history: (id, limit) => history(id, limit, daemon),
    async reload() {
      const { file, repos } = await daemon.reload()
      return { file, repos: repos.length }
    },
  }
}

function sync({ repos: operands, acceptShrink = false, ...overriding }: SyncRequest, daemon: Operated): Asked {
  const { held, queue } = daemon
  const { repos, overrides } = override(configured(held.config, operands), overriding)
  const jobs = queue.askAll(repos, { acceptShrink, overrides }, 'operator')
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
  const { repos: operands, acceptShrink = false, ...overriding } = request
  const { repos } = override(configured(daemon.held.config, operands), overriding)
  const limit = pLimit(daemon.held.config.workers)
  return await Promise.all(repos.map((repo) => limit(() => daemon.plan(repo, acceptShrink, signal))))
}

/** The repositories that are asked for. @throws Refusal 404 for what there is not */
function configured(config: Config, operands: readonly string[]): Repo[] {
  try {
    return chooseRepos(config, operands)
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

function viewOf({ id, repo, state, asker, asked, started, ended, request, progress, outcome }: Job): JobView {
  return {
    id,
    repo: repo.id,
    state,
    asker,
    asked: new Date(asked).toISOString(),
    started: iso(started),
    ended: iso(ended),
    overrides: request.overrides ?? null,
    progress: progress ?? null,
    outcome: outcome === undefined ? null : factsOf(outcome),
  }
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
