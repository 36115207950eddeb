import { channelPath, takes } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import type { Channel, Config, Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import { recover } from '../publish/recover.ts'
import { type Database, getMeta, setMeta } from '../store/database.ts'
import { repoRow } from '../store/generations.ts'
import type { GateResult } from '../store/origins.ts'
import { recordRun } from '../store/runs.ts'
import type { State } from '../store/state.ts'
import { destinationAt, type Shown, type Source, showAgain, shownAt } from './again.ts'
import { hastened, shownWhen } from './candidate.ts'
import { chosenChannel } from './chosen.ts'
import { decidedAgainst } from './decided.ts'
import { askGates, type Candidate } from './gate.ts'
import type { Operating } from './operating.ts'

/**
 * What is promoted where: repositories by ids or globs (none: all that the channel has), from a channel (undefined: the one
 * that `to` is filled from). `scheduled`: as the channel's `after` and `security` say, in place of what is shown now.
 * `force`: although a gate refuses.
 */
export type PromoteArguments = {
  repos: string[]
  from?: string | undefined
  to: string
  scheduled: boolean
  force: boolean
}

/** What came of one repository; `source` is where it is from. An error leaves what the channel showed. */
export type Promoted = {
  repo: string
  path: string
  source: string
  sourceGeneration: number | null
  gates: GateResult[]
  notice?: string
  shown?: Shown
  error?: { code: string; message: string }
}

/** All that was asked for. */
export type Promotion = { channel: string; repos: Promoted[] }

/** The repositories and the channel of a promotion. @throws E_USAGE */
export function promotionOf(config: Config, { repos, from, to }: PromoteArguments) {
  const channel = chosenChannel(config, to)
  const source = from === undefined ? channel.from : chosenChannel(config, from).name
  if (source === to) throw new MirrorError('E_USAGE', `--from ${to} is the channel that is to be filled`)
  const all = chooseRepos(config, repos)
  const chosen = all.filter((repo) => takes(channel, repo))
  if (repos.length > 0 && chosen.length < all.length) {
    const left = all.filter((repo) => !chosen.includes(repo)).map(({ id }) => id)
    throw new MirrorError('E_USAGE', `the channel ${to} does not have ${left.join(', ')}; its repos: says what it has`)
  }
  return { channel, source, repos: chosen }
}

/** When a channel's schedule last had something promoted, in milliseconds; undefined for never. */
export function lastScheduled(database: Database, channel: string): number | undefined {
  const at = getMeta(database, scheduledKey(channel))
  return at === undefined ? undefined : Number(at)
}

function scheduledKey(channel: string): string {
  return `promoted ${channel}`
}

/** The publish paths that a promotion writes. @throws E_USAGE */
export function promotedPaths(config: Config, given: PromoteArguments): string[] {
  const { channel, repos } = promotionOf(config, given)
  return repos.map((repo) => channelPath(channel.name, repo))
}

/**
 * Has a channel show other generations of repositories, each by itself and whole, where its gates agree. Whatever keeps one
 * from being promoted, the others are.
 */
export async function promote(operating: Operating<PromoteArguments>): Promise<Promotion> {
  const { state, config, by, arguments: given, signal } = operating
  const { channel, source, repos } = promotionOf(config, given)
  const found: Found[] = []
  for (const repo of repos) found.push(await candidateOf(repo, channel, source, given, state))
  const beside = found.flatMap(({ candidate }) => candidate ?? [])
  const promoted: Promoted[] = []
  for (const one of found) {
    signal.throwIfAborted()
    const at = Date.now()
    const ended = await promoteOne(one, channel, beside, operating)
    promoted.push(ended)
    remember(ended, at, operating)
    // Nobody reads the answer of what was not asked for by a person.
    if (ended.error !== undefined && (given.scheduled || by === 'follow')) {
      const { code, message } = ended.error
      operating.emit({ type: 'notice', repo: one.repo.id, level: 'warn', message: `${code}: ${message}` })
    }
    operating.emit({ type: 'ended', repo: one.repo.id })
  }
  // What was stopped or killed before its end is made up for.
  if (given.scheduled) setMeta(state.database, scheduledKey(channel.name), String(Date.now()))
  return { channel: channel.name, repos: promoted }
}

/** Remembers what was refused, by whom it was asked for and why, as a run of the channel's path; what was shown has its origin. */
function remember(
  { repo, path, source, sourceGeneration, error }: Promoted,
  at: number,
  operating: Operating<unknown>,
) {
  if (error === undefined || sourceGeneration === null) return
  const { state, by } = operating
  const message = `promote of ${source} ${sourceGeneration} to ${path} by ${by}: ${error.code}: ${error.message}`
  const run = { at, milliseconds: Date.now() - at, result: 'failed', message, added: 0, removed: 0, bytes: 0 } as const
  recordRun(state.database, repoRow(state.database, { path, id: repo }), run)
}

/** A repository, where it is promoted from, and what: nothing, where nothing is shown there. */
type Found = { repo: Repo; path: string; candidate?: Candidate; notice?: string }

async function candidateOf(
  repo: Repo,
  channel: Channel,
  from: string | undefined,
  given: PromoteArguments,
  state: State,
): Promise<Found> {
  const path = from === undefined ? repo.path : channelPath(from, repo)
  const before = shownAt(state, channelPath(channel.name, repo))
  const toCandidate = (source: Source) => ({ repo, source, before })
  if (!given.scheduled || channel.afterMs === 0) {
    const source = shownAt(state, path)
    return source === undefined ? { repo, path } : { repo, path, candidate: toCandidate(source) }
  }
  const then = shownWhen(state, path, Date.now() - channel.afterMs)
  if (then === undefined) return { repo, path, notice: `${path} showed nothing so long ago that is still retained` }
  if (!channel.security) return { repo, path, candidate: toCandidate(then) }
  const { source, reason } = await hastened(state, then)
  return { repo, path, candidate: toCandidate(source), ...(reason !== undefined && { notice: reason }) }
}

async function promoteOne(
  { repo, path, candidate, notice }: Found,
  channel: Channel,
  beside: readonly Candidate[],
  operating: Operating<PromoteArguments>,
): Promise<Promoted> {
  const { state, config, by, emit, signal, arguments: given } = operating
  const at = channelPath(channel.name, repo)
  const told: Promoted = { repo: repo.id, path: at, source: path, sourceGeneration: null, gates: [] }
  if (notice !== undefined) emit({ type: 'notice', repo: repo.id, level: 'info', message: notice })
  const noticed = { ...told, ...(notice !== undefined && { notice }) }
  if (candidate === undefined) {
    // A schedule finds nothing until there is something; somebody who asks is told.
    if (given.scheduled) return noticed
    return { ...noticed, error: { code: 'E_USAGE', message: `nothing is published at ${path} yet` } }
  }
  const { source } = candidate
  const known = { ...noticed, sourceGeneration: source.generation.number }
  const decided = given.scheduled || by === 'follow' ? decidedAgainst(candidate, state.database) : undefined
  if (decided !== undefined) {
    emit({ type: 'notice', repo: repo.id, level: 'info', message: decided })
    return { ...known, notice: decided }
  }
  try {
    const gates = await askGates(candidate, { state, channel, beside, repos: config.repos, signal })
    const refused = gates.find(({ problem }) => problem !== undefined)
    if (refused !== undefined && !given.force) return { ...known, gates, error: refusal(refused, candidate, channel) }
    emit({
      type: 'notice',
      repo: repo.id,
      level: 'info',
      message: `promoting generation ${source.generation.number} of ${path} to ${channel.name}`,
    })
    const destination = destinationAt(state, repo, at)
    return {
      ...known,
      gates,
      shown: await showAgain(state, source, { destination, repo }, { verb: 'promote', by, gates }),
    }
  } catch (caught) {
    recover(state, at)
    signal.throwIfAborted()
    const error = fromSystem(caught)
    if (!(error instanceof MirrorError)) throw error
    return { ...known, error: { code: error.code, message: error.message } }
  }
}

function refusal({ gate, problem }: GateResult, { source, before }: Candidate, { name }: Channel) {
  const still = before === undefined ? 'it shows nothing yet' : `it still shows generation ${before.generation.number}`
  const what = `generation ${source.generation.number} of ${source.path} is not promoted to ${name}`
  return { code: 'E_GATE', message: `${what}: gate ${gate} ${problem}; ${still}` }
}
