import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import type { Config, Repo } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import { recover } from '../publish/recover.ts'
import { openState } from '../store/state.ts'
import type { Edition } from '../sync/edition.ts'
import { follow } from './carryOut.ts'
import { runWorker } from './child.ts'
import { callHook } from './hooks.ts'
import type { Request, SyncOrder, SyncSummary } from './messages.ts'
import type { Outcome } from './outcome.ts'
import { runRepo } from './run.ts'
import { type ConnectionShares, claimOf, connectionShares, type SetShare } from './shares.ts'
import { sweepOrder, tidy } from './tidy.ts'

/** What a sync of several repositories is told besides the configuration. */
export type SyncOptions = Request & {
  config: Config
  repos: Repo[]
  /** The program that worker processes run: this one. */
  program: string
  emit: Emit
  signal: AbortSignal
}

/**
 * Syncs repositories, `workers` at once; whatever happens to one, the others go on. Then removes what no retained
 * generation names. One that has nothing to do starts no process.
 */
export async function syncRepos(options: SyncOptions): Promise<Outcome[]> {
  const { config, repos, signal } = options
  setMaxListeners(0, signal)
  const state = openState(config, `sync of ${repos.length === 1 ? repos[0]?.id : `${repos.length} repositories`}`)
  try {
    recover(state)
    const shares = connectionShares(
      () => config.maxConnectionsPerHost,
      () => config.bandwidth,
    )
    const limit = pLimit(config.workers)
    const syncTo = (repo: Repo, edition: Edition) => syncApart(repo, edition, shares, options)
    const run = async (repo: Repo) => {
      const outcome = await runRepo(repo, { ...options, state, syncTo })
      await callHook(outcome, config.root, options.emit, options.signal)
      return outcome
    }
    const outcomes = await Promise.all(repos.map((repo) => limit(() => run(repo))))
    const published = outcomes.filter(({ summary }) => summary?.result === 'published').map(({ repo }) => repo.id)
    if (!signal.aborted) await follow(undefined, published, { ...options, state })
    if (!signal.aborted) tidy(state, sweepOrder(config))
    return outcomes
  } finally {
    state.close()
  }
}

/** Brings a repository to an edition in a process of its own. */
async function syncApart(
  repo: Repo,
  { bytes, validators, proof, listed }: Edition,
  shares: ConnectionShares,
  { config, program, acceptShrink, acceptRollback, overrides, emit, signal }: SyncOptions,
): Promise<SyncSummary> {
  const places = { root: config.root, state: config.state }
  const edition = { bytes, validators, proof, listed }
  const accepting = { acceptShrink, acceptRollback }
  const order: SyncOrder = { type: 'sync', places, repo, edition, connections: 1, ...accepting, overrides }
  let leave = () => {}
  const join = (set: SetShare) => {
    leave = shares.join({ ...claimOf(repo), set })
  }
  return await runWorker(order, { program, heapMb: config.workerHeapMb }, emit, signal, join).finally(() => {
    leave()
    emit({ type: 'ended', repo: repo.id })
  })
}
