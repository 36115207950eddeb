import { channelPath, followedFor, takes } from '../config/channels.ts'
import type { Config, Repo } from '../config/repo.ts'
import { type Sweeping, type Swept, sweep } from '../lifecycle/sweep.ts'
import type { State } from '../store/state.ts'
import { removeOtherIndexes } from '../sync/local/links.ts'
import type { SweepOrder } from './messages.ts'

/** What a sweep has to know of a configuration. */
export function sweepOrder(config: Config): SweepOrder {
  const { root, state, repos } = config
  const retain = new Map(repos.flatMap((repo) => retentions(repo, config)))
  const locals = repos.filter(({ local, merge }) => local.length > 0 || merge.length > 0).map(({ path }) => path)
  const keeping = new Map(
    repos.map(({ path, retainGenerations, maxDelete }) => [path, { generations: retainGenerations, maxDelete }]),
  )
  return { type: 'sweep', places: { root, state }, retain, keeping, locals }
}

/** How long superseded generations stay, by publish path: where a channel is filled from later, for as long as that besides. */
function retentions(repo: Repo, config: Config): [string, number][] {
  const own: [string, number] = [repo.path, repo.retainMs + followedFor(config, undefined)]
  const shown = config.channels.filter((channel) => takes(channel, repo))
  return [
    own,
    ...shown.map(({ name }): [string, number] => [channelPath(name, repo), repo.retainMs + followedFor(config, name)]),
  ]
}

/** Removes what nobody may read any more, and indexes of folders that no repository has. While nothing else writes. */
export function tidy(state: State, { retain, keeping, locals }: SweepOrder, sweeping: Sweeping = {}): Swept {
  const swept = sweep(state, retain, Date.now(), { keeping, ...sweeping })
  if (sweeping.dryRun !== true) removeOtherIndexes(state.state, locals)
  return swept
}
