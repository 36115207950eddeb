import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Swept } from '../lifecycle/sweep.ts'
import { currentGeneration, findRepo, repoRow } from '../store/generations.ts'
import { recordRun } from '../store/runs.ts'
import type { State } from '../store/state.ts'
import { runWorker } from './child.ts'
import type { Accepting, OperationOrder, PlanOrder, Request, RunOrder, RunSummary } from './messages.ts'
import type { Asking } from './operation.ts'
import { asRecord, type Outcome, ofRepo } from './outcome.ts'
import { type Planned, planned } from './plans.ts'
import { type ConnectionShares, claimOf, type SetShare } from './shares.ts'
import { sweepOrder } from './tidy.ts'

/** What work in processes of their own needs of the one that holds the state. */
export type Apart = { state: State; config: Config; program: string; shares: ConnectionShares }

/** Runs one repository wholly in a process of its own: this one reads no directory and writes no row. Does not throw. */
export async function runApart(
  repo: Repo,
  request: Request,
  { state, config, program, shares }: Apart,
  emit: Emit,
  signal: AbortSignal,
): Promise<Outcome> {
  const places = { root: state.root, state: state.state }
  const order: RunOrder = { type: 'run', places, repo, connections: 1, ...request }
  const at = Date.now()
  const began = performance.now()
  let leave = () => {}
  const join = (set: SetShare) => {
    leave = shares.join({ ...claimOf(repo), set })
  }
  let summary: RunSummary | undefined
  let error: unknown
  try {
    summary = await runWorker(order, { program, heapMb: config.workerHeapMb }, emit, signal, join)
  } catch (caught) {
    error = ofRepo(repo, caught)
  } finally {
    leave()
    emit({ type: 'ended', repo: repo.id })
  }
  const milliseconds = Math.round(performance.now() - began)
  // A worker that ended early has remembered nothing.
  if (error instanceof MirrorError && error.code === 'E_WORKER') {
    try {
      recordRun(state.database, repoRow(state.database, repo), asRecord(at, milliseconds, { summary, error }))
    } catch {
      // On a full disk: the worker's end is what is told.
    }
  }
  const served = servedOf(repo, state)
  return { repo, seconds: milliseconds / 1000, summary, leftOut: summary?.leftOut ?? 0, error, served }
}

/** The generation of a repository that clients see. */
export function servedOf({ path }: Repo, { database }: State): number | undefined {
  const row = findRepo(database, path)
  return row === undefined ? undefined : currentGeneration(database, row)?.number
}

/** Removes what no retained generation names, in a process of its own; while no run does anything. */
export function sweepApart({ config, program }: Apart, signal: AbortSignal): Promise<Swept> {
  return runWorker(
    sweepOrder(config),
    { program, heapMb: config.workerHeapMb },
    () => {},
    signal,
    () => {},
  )
}

/** Plans a sync in a process of its own. Does not throw. */
export function planApart(
  repo: Repo,
  accepting: Accepting,
  { state, config, program }: Apart,
  emit: Emit,
  signal: AbortSignal,
): Promise<Planned> {
  const order: PlanOrder = { type: 'plan', places: { root: state.root, state: state.state }, repo, ...accepting }
  const worker = { program, heapMb: config.workerHeapMb }
  return planned(repo, () => runWorker(order, worker, emit, signal, () => {}))
}

/** Carries an operation out in a process of its own. @throws what it throws there, E_WORKER where the process ended early */
export function operateApart(
  asking: Asking,
  { state, config, program }: Apart,
  emit: Emit,
  signal: AbortSignal,
): Promise<unknown> {
  const order: OperationOrder = { type: 'operation', places: { root: state.root, state: state.state }, config, asking }
  return runWorker(order, { program, heapMb: config.workerHeapMb }, emit, signal, () => {})
}
