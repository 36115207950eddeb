import { followedFor, placesOf } from '../config/channels.ts'
import type { Config } from '../config/repo.ts'
import { type Sweeping, type Swept, sweep } from '../lifecycle/sweep.ts'
import type { State } from '../store/state.ts'
import { removeOtherIndexes } from '../sync/local/links.ts'
import type { SweepOrder } from './messages.ts'

/** What a sweep has to know of a configuration. What holds for a repository holds wherever a channel shows it, too. */
export function sweepOrder(config: Config): SweepOrder {
  const { root, state, repos } = config
  const places = repos.flatMap((repo) => placesOf(repo, config).map((place) => ({ ...place, repo })))
  // Where a channel is filled from later, for as long as that besides.
  const retain = new Map(
    places.map(({ path, channel, repo }) => [path, repo.retainMs + followedFor(config, channel)] as const),
  )
  const keeping = new Map(
    places.map(({ path, repo }) => [path, { generations: repo.retainGenerations, maxDelete: repo.maxDelete }] as const),
  )
  const locals = repos.filter(({ local, merge }) => local.length > 0 || merge.length > 0).map(({ path }) => path)
  return { type: 'sweep', places: { root, state }, retain, keeping, locals }
}

/** Removes what nobody may read any more, and indexes of folders that no repository has. While nothing else writes. */
export function tidy(state: State, { retain, keeping, locals }: SweepOrder, sweeping: Sweeping = {}): Swept {
  const swept = sweep(state, retain, Date.now(), { keeping, ...sweeping })
  if (sweeping.dryRun !== true) removeOtherIndexes(state.state, locals)
  return swept
}
