import { channelPath } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { transaction } from '../store/database.ts'
import { findRepo, type Generation, generations } from '../store/generations.ts'
import { hold, holdOf, release } from '../store/holds.ts'
import { forgetLook } from '../store/looks.ts'
import { originsOf } from '../store/origins.ts'
import type { State } from '../store/state.ts'
import { destinationAt, type Shown, type Source, showAgain, shownAt } from './again.ts'
import { chosenChannel } from './chosen.ts'
import type { Operating } from './operating.ts'

/** One repository by its id, the generation to go back to (none: the one before), and the channel to do so in. */
export type RollbackArguments = { repo: string; to?: number | undefined; channel?: string | undefined }

/** What a rollback came to: which generation is shown again, as which, and whether syncs wait for a release. */
export type RolledBack = Shown & { repo: string; path: string; from: number; held: boolean }

/** The publish path that a rollback is of. @throws E_USAGE */
export function rolledBackPath(config: Config, { repo, channel }: RollbackArguments): string {
  const [chosen] = chooseRepos(config, [repo]) as [Repo]
  return channel === undefined ? chosen.path : channelPath(chosenChannel(config, channel).name, chosen)
}

/**
 * Publishes an older generation again, as a new one. A repository's own path is held there: its next sync would undo it.
 * @throws E_USAGE naming those that are still there
 */
export async function rollback(operating: Operating<RollbackArguments>): Promise<RolledBack> {
  const { state, config, by, arguments: given } = operating
  const [repo] = chooseRepos(config, [given.repo]) as [Repo]
  const path = rolledBackPath(config, given)
  const source = olderAt(state, path, given.to)
  const { database } = state
  const destination = destinationAt(state, repo, path)
  const isHeld = given.channel === undefined
  const shown = await showAgain(
    state,
    source,
    { destination, repo },
    { verb: 'rollback', by, gates: [] },
    (generation) => {
      if (!isHeld) return
      // One that was held stays so, whatever becomes of this: what is taken back takes its own hold along.
      if (holdOf(database, destination.repo) === undefined)
        hold(database, destination.repo, { generation, by, at: Date.now() })
      forgetLook(database, destination.repo)
    },
  )
  // What is shown already may still be what is to stay.
  if (isHeld)
    transaction(database, () => hold(database, destination.repo, { generation: shown.generation, by, at: Date.now() }))
  return { repo: repo.id, path, from: source.generation.number, ...shown, held: isHeld }
}

function olderAt(state: State, path: string, to: number | undefined): Source {
  const shown = shownAt(state, path)
  if (shown === undefined) throw new MirrorError('E_USAGE', `nothing is published at ${path}`)
  const all = generations(state.database, shown.repo).filter((one) => one.state === 'published')
  const found = to === undefined ? beforeShown(state, shown, all) : all.find(({ number }) => number === to)
  if (found !== undefined) return { ...shown, generation: found }
  const older = all.filter(({ number }) => number < shown.generation.number).map(({ number }) => number)
  const there =
    older.length === 0 ? 'no older one is retained; retain says how long they are' : `retained are ${older.join(', ')}`
  const which = to === undefined ? `nothing before generation ${shown.generation.number}` : `no generation ${to}`
  throw new MirrorError('E_USAGE', `there is ${which} of ${path}; ${there}`)
}

/** The one before what is shown or, where that was rolled back to, before what it shows again. */
function beforeShown({ database }: State, shown: Source, all: readonly Generation[]): Generation | undefined {
  const origin = originsOf(database, shown.repo).find(({ generation }) => generation === shown.generation.number)
  const from = origin?.verb === 'rollback' ? origin.sourceGeneration : shown.generation.number
  return all.findLast(({ number }) => number < from)
}

/** The repositories whose syncs go on: those that were held. */
export type Released = { released: string[]; free: string[] }

/** Lets syncs of repositories that were rolled back go on. */
export async function releaseRepos(operating: Operating<{ repos: string[] }>): Promise<Released> {
  const { state, config, arguments: given } = operating
  const answer: Released = { released: [], free: [] }
  for (const { id, path } of chooseRepos(config, given.repos)) {
    const row = findRepo(state.database, path)
    const isReleased = row !== undefined && holdOf(state.database, row) !== undefined && release(state.database, row)
    ;(isReleased ? answer.released : answer.free).push(id)
  }
  return await Promise.resolve(answer)
}
