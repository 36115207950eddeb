import type { Emit } from '../events.ts'
import { type Apart, operateApart, runApart, servedOf, sweepApart } from '../jobs/apart.ts'
import { checkWrites } from '../jobs/carryOut.ts'
import { doneFacts, errorText, factsOf, failureText, resultText } from '../jobs/facts.ts'
import { callHook } from '../jobs/hooks.ts'
import type { OperationJob, RunJob } from '../jobs/job.ts'
import { Queue } from '../jobs/queue.ts'
import { connectionShares } from '../jobs/shares.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../status/metrics.ts'
import type { State } from '../store/state.ts'
import type { InForce } from './inForce.ts'

/** What processes of their own need, by the configuration that holds when they begin. */
export function openApart(held: InForce, state: State, program: string): () => Apart {
  const shares = connectionShares(
    () => held.config.maxConnectionsPerHost,
    () => held.config.bandwidth,
  )
  return () => ({ state, config: held.config, program, shares })
}

/** The daemon's queue: every run in a process of its own, its hooks called, and sweeping whenever nothing runs. */
export function openRuns(apart: () => Apart, log: Log): Queue {
  return new Queue({
    workers: () => apart().config.workers,
    async run({ repo, request }: RunJob, emit: Emit, signal: AbortSignal) {
      const outcome = await runApart(repo, request, apart(), emit, signal)
      await callHook(outcome, apart().state.root, emit, signal)
      return outcome
    },
    async operate({ asking, writes }: OperationJob, emit: Emit, signal: AbortSignal) {
      const now = apart()
      checkWrites(now.config, asking, writes)
      return await operateApart(asking, now, emit, signal)
    },
    served: (repo) => servedOf(repo, apart().state),
    async rest(signal) {
      try {
        const { files, contents, bytes } = await sweepApart(apart(), signal)
        if (files + contents > 0) log.info(`swept ${files} files and ${contents} contents (${bytes} bytes)`)
      } catch (error) {
        log.error(`sweeping failed: ${(error as Error).message}`)
      }
    },
  })
}

/** Tells the log what jobs tell: notices, and how each began and ended. */
export function logRuns(queue: Queue, log: Log): void {
  queue.watch((job, event) => {
    if (event.type === 'notice') log[event.level]({ repo: event.repo }, event.message)
    if (event.type !== 'state') return
    if (job.repo === undefined) return logOperation(job, log)
    const repo = job.repo.id
    if (job.state === 'running') log.info({ repo, job: job.id }, `sync began, asked for by ${job.asker}`)
    if (job.outcome === undefined) return
    const facts = factsOf(job.outcome)
    if (facts.error === undefined) log.info({ repo, job: job.id }, `sync ended: ${resultText(facts)}`)
    else log.error({ repo, job: job.id, code: facts.error.code }, failureText(facts))
  })
}

function logOperation(job: OperationJob, log: Log): void {
  const about = { repo: job.verb, job: job.id }
  if (job.state === 'running') log.info(about, `began, asked for by ${job.asking.by}`)
  if (job.outcome === undefined) return
  const { error } = doneFacts(job.outcome)
  if (error === undefined) log.info(about, 'ended: done')
  else log.error({ ...about, code: error.code }, errorText(error))
}

/** Counts how runs ended. */
export function countRuns(queue: Queue, metrics: Metrics): void {
  queue.watch((job, { type }) => {
    if (type !== 'state' || job.repo === undefined || job.outcome === undefined) return
    const { repo, result, error, bytes = 0 } = factsOf(job.outcome)
    metrics.ran({ repo, result, code: error?.code, bytes })
  })
}
