import { placesOf } from '../config/channels.ts'
import type { Channel, Repo } from '../config/repo.ts'
import { isSigned } from '../publish/clientRepo.ts'
import { oldestAccepted } from '../store/accepted.ts'
import type { Database } from '../store/database.ts'
import { currentGeneration, findRepo, type Generation } from '../store/generations.ts'
import { type Hold, holdOf } from '../store/holds.ts'
import { lastLook } from '../store/looks.ts'
import { lastRuns, newestSuccess, type RunRecord } from '../store/runs.ts'
import { type Budget, usedBudget } from './budget.ts'
import type { LiveRepo } from './live.ts'

/**
 * How a repository does: it runs now; it was never synced; its last run failed; its last success is too old for its
 * objective; its upstream stands still for longer than it may; what its last run published lacks something; or nothing of all
 * that. The first that holds.
 */
export const states = ['running', 'never', 'failed', 'late', 'stale', 'degraded', 'ok'] as const

export type RepoState = (typeof states)[number]

/** Whether the last success is young enough, and how often in the last 30 days it was not. */
export type Objective = { withinMs: number; met: boolean; budget: Budget }

/**
 * When the upstream's metadata was made, by its own time or, where that cannot be, when it was first taken here: of several
 * upstreams' the oldest. Somebody who holds it still cannot change that.
 */
export type UpstreamAge = { made: number; staleAfterMs: number | undefined; isStale: boolean }

/** What there is to say of one repository. Times are milliseconds since the epoch. */
export type RepoReport = {
  repo: Repo
  state: RepoState
  /** What clients see. */
  generation: Generation | undefined
  /** When the upstream was last seen to have what is published. */
  checked: number | undefined
  /** When the last successful run began: what is published is at most so far behind the upstream. */
  lastSuccess: number | undefined
  objective: Objective | undefined
  /** How old the upstream's metadata is, and may be; undefined where nothing was taken from one yet. */
  upstream: UpstreamAge | undefined
  /** The last runs, newest first. */
  runs: RunRecord[]
  /** The last run that was not interrupted, since such a one says nothing of the repository; its message is the problem. */
  last: RunRecord | undefined
  live: LiveRepo | undefined
  /** That it stays at the generation that it was rolled back to. */
  hold: Hold | undefined
  /** What the channels that have it show of it. */
  channels: ShownInChannel[]
  /** Whether its repomd.xml has a signature. */
  isSigned: boolean
}

const shownRuns = 30

/** Looks up one repository. */
export function reportRepo(
  repo: Repo,
  { root, database, channels }: { root: string; database: Database | undefined; channels: readonly Channel[] },
  live: LiveRepo | undefined,
  now: number,
): RepoReport {
  const row = database && findRepo(database, repo.path)
  const recorded = database === undefined || row === undefined ? nothing(repo) : lookUp(repo, database, row, now)
  const last = recorded.runs.find(({ result }) => result !== 'interrupted')
  const shown = database === undefined ? [] : shownInChannels(repo, channels, database)
  const state = stateOf(recorded, last, live)
  return { repo, ...recorded, state, last, live, channels: shown, isSigned: isSigned(root, repo) }
}

/** What a channel shows of a repository, and since when (milliseconds). */
export type ShownInChannel = { channel: string; generation: number; created: number }

function shownInChannels(repo: Repo, channels: readonly Channel[], database: Database): ShownInChannel[] {
  return placesOf(repo, { channels: [...channels] }).flatMap(({ channel, path }) => {
    const row = channel === undefined ? undefined : findRepo(database, path)
    const current = row === undefined ? undefined : currentGeneration(database, row)
    if (channel === undefined || current === undefined) return []
    return [{ channel, generation: current.number, created: current.created }]
  })
}

type Recorded = Pick<RepoReport, 'generation' | 'checked' | 'lastSuccess' | 'objective' | 'upstream' | 'runs' | 'hold'>

function nothing({ freshWithinMs }: Repo): Recorded {
  const budget = { missedMs: 0, overMs: 0 }
  const objective = freshWithinMs === undefined ? undefined : { withinMs: freshWithinMs, met: false, budget }
  return {
    generation: undefined,
    checked: undefined,
    lastSuccess: undefined,
    objective,
    upstream: undefined,
    runs: [],
    hold: undefined,
  }
}

function lookUp({ freshWithinMs, staleAfterMs }: Repo, database: Database, row: number, now: number): Recorded {
  const lastSuccess = newestSuccess(database, row, Number.MAX_SAFE_INTEGER)
  return {
    generation: currentGeneration(database, row),
    checked: lastLook(database, row),
    lastSuccess,
    objective: freshWithinMs === undefined ? undefined : objectiveOf(freshWithinMs),
    upstream: ageOf(oldestAccepted(database, row)),
    runs: lastRuns(database, row, shownRuns),
    hold: holdOf(database, row),
  }

  function ageOf(made: number | undefined): UpstreamAge | undefined {
    if (made === undefined) return undefined
    return { made, staleAfterMs, isStale: staleAfterMs !== undefined && now - made > staleAfterMs }
  }

  function objectiveOf(withinMs: number): Objective {
    const met = lastSuccess !== undefined && now - lastSuccess <= withinMs
    return { withinMs, met, budget: usedBudget(database, row, withinMs, now) }
  }
}

function stateOf(recorded: Recorded, last: RunRecord | undefined, live: LiveRepo | undefined): RepoState {
  const { generation, objective, upstream } = recorded
  if (live?.running !== undefined) return 'running'
  if (last === undefined && generation === undefined) return 'never'
  if (last?.result === 'failed') return 'failed'
  if (objective?.met === false) return 'late'
  if (upstream?.isStale === true) return 'stale'
  return last?.message === undefined ? 'ok' : 'degraded'
}
