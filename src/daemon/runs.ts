import type { Emit } from '../events.ts'
import { type Apart, runApart, servedOf, sweepApart } from '../jobs/apart.ts'
import { factsOf, failureText, resultText } from '../jobs/facts.ts'
import { callHook } from '../jobs/hooks.ts'
import { type Job, Queue } from '../jobs/queue.ts'
import { connectionShares } from '../jobs/shares.ts'
import type { Log } from '../log.ts'
import type { Metrics } from '../status/metrics.ts'
import type { State } from '../store/state.ts'
import type { InForce } from './inForce.ts'

/** What processes of their own need, by the configuration that holds when they begin. */
export function openApart(held: InForce, state: State, program: string): () => Apart {
  const shares = connectionShares(() => held.config.maxConnectionsPerHost)
  return () => ({ state, config: held.config, program, shares })
}

/** The daemon's queue: every run in a process of its own, its hooks called, and sweeping whenever nothing runs. */
export function openRuns(apart: () => Apart, log: Log): Queue {
  return new Queue({
    workers: () => apart().config.workers,
    async run({ repo, request }: Job, emit: Emit, signal: AbortSignal) {
      const outcome = await runApart(repo, request, apart(), emit, signal)
      await callHook(outcome, apart().state.root, emit, signal)
      return outcome
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

/** Tells the log what runs tell: notices, and how each began and ended. */
export function logRuns(queue: Queue, log: Log): void {
  queue.watch((job, event) => {
    const repo = job.repo.id
    if (event.type === 'notice') log[event.level]({ repo }, event.message)
    if (event.type !== 'state') return
    if (job.state === 'running') log.info({ repo, job: job.id }, `sync began, asked for by ${job.asker}`)
    if (job.outcome === undefined) return
    const facts = factsOf(job.outcome)
    if (facts.error === undefined) log.info({ repo, job: job.id }, `sync ended: ${resultText(facts)}`)
    else log.error({ repo, job: job.id, code: facts.error.code }, failureText(facts))
  })
}

/** Counts how runs ended. */
export function countRuns(queue: Queue, metrics: Metrics): void {
  queue.watch(({ outcome }, { type }) => {
    if (type !== 'state' || outcome === undefined) return
    const { repo, result, error, bytes = 0 } = factsOf(outcome)
    metrics.ran({ repo, result, code: error?.code, bytes })
  })
}
