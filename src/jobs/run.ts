import type { Repo } from '../config/repo.ts'
import type { Emit } from '../events.ts'
import { unhashedNames } from '../publish/fixedNames.ts'
import { recover } from '../publish/recover.ts'
import { currentGeneration, repoRow } from '../store/generations.ts'
import { holdOf } from '../store/holds.ts'
import { memberRows } from '../store/members.ts'
import { recordRun } from '../store/runs.ts'
import type { State } from '../store/state.ts'
import type { Edition } from '../sync/edition.ts'
import { look } from '../sync/look.ts'

import { syncLocal } from './local.ts'
import { syncMerged } from './merged.ts'
import type { Request, RunSummary, SyncSummary } from './messages.ts'
import { asRecord, type Outcome, ofRepo } from './outcome.ts'
import { passedOver } from './unavailable.ts'
import { openForLook } from './upstream.ts'

/** What a run may use. */
export type Running = Request & {
  state: State
  /** The program that reading threads run: this one. */
  program: string
  emit: Emit
  signal: AbortSignal
  /** Brings a repository to an edition that differs from what is published. */
  syncTo(repo: Repo, edition: Edition): Promise<SyncSummary>
}

/** One run of one repository, from the look at its upstream to the row that remembers how it ended. Does not throw. */
export async function runRepo(repo: Repo, running: Running): Promise<Outcome> {
  const { database } = running.state
  const at = Date.now()
  const began = performance.now()
  let summary: RunSummary | undefined
  let error: unknown
  try {
    running.signal.throwIfAborted()
    summary = await lookAndSync(repo, running)
  } catch (caught) {
    error = ofRepo(repo, caught)
  }
  const milliseconds = Math.round(performance.now() - began)
  const row = repoRow(database, repo)
  try {
    recordRun(database, row, asRecord(at, milliseconds, { summary, error }))
  } catch (caught) {
    // On a full disk the others still go on.
    error ??= ofRepo(repo, caught)
  }
  const served = currentGeneration(database, row)?.number
  return { repo, seconds: milliseconds / 1000, summary, leftOut: summary?.leftOut ?? 0, error, served }
}

async function lookAndSync(repo: Repo, running: Running): Promise<RunSummary> {
  const { state } = running
  // What a killed run prepared is published or taken back before anything is compared with it.
  recover(state, repo.path)
  const hold = holdOf(state.database, repoRow(state.database, repo))
  if (hold !== undefined) return { ...unchanged(state, repo), leftOut: 0, held: hold.generation }
  const syncFrom = async (upstream: Repo): Promise<SyncSummary> => {
    let edition: Edition | undefined
    try {
      edition = await lookAt(upstream, running)
    } catch (error) {
      return skipped(error, repo, running)
    }
    return edition === undefined ? unchanged(state, repo) : running.syncTo(upstream, edition)
  }
  if (repo.local.length > 0) return syncLocal(repo, { ...running, places: state }, syncFrom)
  const summary = repo.merge.length > 0 ? await syncMerged(repo, running, syncFrom) : await syncFrom(repo)
  return { ...summary, leftOut: summary.missing.length }
}

/** What a run comes to whose upstream is left alone. @throws the error where that is a failure */
function skipped(error: unknown, repo: Repo, { state, emit }: Running): SyncSummary {
  const summary = unchanged(state, repo)
  const why = passedOver(error, repo, summary.generation !== undefined)
  if (why === undefined) throw error
  emit({ type: 'notice', repo: repo.id, level: 'warn', message: why })
  return { ...summary, skipped: why }
}

async function lookAt(repo: Repo, running: Running): Promise<Edition | undefined> {
  const upstream = await openForLook(repo, running.state)
  for (const message of upstream.warnings) running.emit({ type: 'notice', repo: repo.id, level: 'warn', message })
  return look(repo, upstream, running).finally(() => upstream.close())
}

function unchanged({ database }: State, repo: Repo): SyncSummary {
  const row = repoRow(database, repo)
  const generation = currentGeneration(database, row)
  return {
    result: 'unchanged',
    generation: generation?.number,
    packages: generation?.packages ?? 0,
    added: 0,
    removed: 0,
    bytes: 0,
    missing: [],
    unhashed: unhashedNames(memberRows(database, row).fixedNames()),
  }
}
