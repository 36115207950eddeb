import { setMaxListeners } from 'node:events'
import pLimit from 'p-limit'
import type { Config, Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import type { Emit } from '../events.ts'
import { sweep } from '../lifecycle/sweep.ts'
import { recover } from '../publish/recover.ts'
import { currentGeneration, repoRow } from '../store/generations.ts'
import { type RunRecord, recordRun } from '../store/runs.ts'
import { openState, type State } from '../store/state.ts'
import { removeOtherIndexes } from '../sync/local/links.ts'
import { look } from '../sync/look.ts'
import { openUpstream } from '../upstream/upstream.ts'
import { runWorker } from './child.ts'
import { syncLocal } from './local.ts'
import type { SyncOrder, SyncSummary } from './messages.ts'
import { connectionShares } from './shares.ts'

/** What a sync of several repositories is told besides the configuration. */
export type SyncOptions = {
  config: Config
  repos: Repo[]
  /** The program that worker processes run: this one. */
  program: string
  acceptShrink: boolean
  overrides: string | undefined
  emit: Emit
  signal: AbortSignal
}

/** How the run of one repository ended. */
export type Outcome = {
  repo: Repo
  seconds: number
  summary: SyncSummary | undefined
  /** Files of local folders that were to be packages and are not: what is published lacks them. */
  leftOut: number
  /** Why it failed; `served`: the generation that clients still see. */
  error: unknown
  served: number | undefined
}

/**
 * Syncs repositories, `workers` at once, each in its own process; whatever happens to one, the others go on. Then
 * removes what no retained generation names.
 */
export async function syncRepos(options: SyncOptions): Promise<Outcome[]> {
  const { config, repos, signal } = options
  setMaxListeners(0, signal)
  const state = openState(config, `sync of ${repos.length === 1 ? repos[0]?.id : `${repos.length} repositories`}`)
  try {
    recover(state)
    const shares = connectionShares(config.maxConnectionsPerHost)
    const limit = pLimit(config.workers)
    const outcomes = await Promise.all(repos.map((repo) => limit(() => syncRepo(repo, state, shares, options))))
    if (!signal.aborted) tidy(state, config)
    return outcomes
  } finally {
    state.close()
  }
}

function tidy(state: State, { repos }: Config): void {
  sweep(state, new Map(repos.map(({ path, retainMs }) => [path, retainMs])))
  const locals = repos.filter(({ local }) => local.length > 0)
  removeOtherIndexes(
    state.state,
    locals.map(({ path }) => path),
  )
}

async function syncRepo(
  repo: Repo,
  state: State,
  shares: ReturnType<typeof connectionShares>,
  options: SyncOptions,
): Promise<Outcome> {
  const at = Date.now()
  const began = performance.now()
  let summary: SyncSummary | undefined
  let leftOut = 0
  let error: unknown
  try {
    options.signal.throwIfAborted()
    const syncFrom = (upstream: Repo) => lookAndSync(upstream, state, shares, options)
    if (repo.local.length === 0) summary = await syncFrom(repo)
    else ({ leftOut, ...summary } = await syncLocal(repo, { ...options, places: state }, syncFrom))
  } catch (caught) {
    error = ofRepo(repo, caught)
  }
  const milliseconds = Math.round(performance.now() - began)
  const row = repoRow(state.database, repo)
  try {
    recordRun(state.database, row, asRecord(at, milliseconds, summary, leftOut, error))
  } catch (caught) {
    // On a full disk the others still go on.
    error ??= ofRepo(repo, caught)
  }
  const served = currentGeneration(state.database, row)?.number
  return { repo, seconds: milliseconds / 1000, summary, leftOut, error, served }
}

function ofRepo(repo: Repo, caught: unknown): unknown {
  const error = fromSystem(caught)
  if (error instanceof MirrorError) error.repo = repo.id
  return error
}

/** A repository that has nothing to do starts no process. */
async function lookAndSync(
  repo: Repo,
  state: State,
  shares: ReturnType<typeof connectionShares>,
  { config, program, acceptShrink, overrides, emit, signal }: SyncOptions,
): Promise<SyncSummary> {
  const upstream = await openUpstream(repo, 1)
  const snapshot = await look(repo, upstream, state, signal).finally(() => upstream.close())
  if (snapshot === undefined) return unchanged(state, repo)
  const { bytes, validators } = snapshot
  const places = { root: config.root, state: config.state }
  const order: SyncOrder = {
    type: 'sync',
    places,
    repo,
    snapshot: { bytes, validators },
    connections: 1,
    acceptShrink,
    overrides,
  }
  let leave = () => {}
  const join = (set: (connections: number) => void) => {
    leave = shares.join({ host: (upstream.bases[0] as URL).host, most: repo.transfer.maxParallelDownloads, set })
  }
  return await runWorker(order, { program, heapMb: config.workerHeapMb }, emit, signal, join).finally(() => {
    leave()
    emit({ type: 'ended', repo: repo.id })
  })
}

function unchanged({ database }: State, repo: Repo): SyncSummary {
  const generation = currentGeneration(database, repoRow(database, repo))
  return {
    result: 'unchanged',
    generation: generation?.number,
    packages: generation?.packages ?? 0,
    added: 0,
    removed: 0,
    bytes: 0,
  }
}

function asRecord(
  at: number,
  milliseconds: number,
  summary: SyncSummary | undefined,
  leftOut: number,
  error: unknown,
): RunRecord {
  const { added = 0, removed = 0, bytes = 0 } = summary ?? {}
  if (summary !== undefined)
    return { at, milliseconds, result: summary.result, message: lacking(summary, leftOut), added, removed, bytes }
  const interrupted = error instanceof MirrorError && error.code === 'E_INTERRUPTED'
  const message = error instanceof MirrorError ? error.line : String(error)
  return { at, milliseconds, result: interrupted ? 'interrupted' : 'failed', message, added, removed, bytes }
}

function lacking({ result }: SyncSummary, leftOut: number): string | undefined {
  return leftOut === 0 ? undefined : `${result}, but ${leftOut} ${leftOut === 1 ? 'file is' : 'files are'} left out`
}
