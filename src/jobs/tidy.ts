import type { Config } from '../config/repo.ts'
import { type Sweeping, type Swept, sweep } from '../lifecycle/sweep.ts'
import type { State } from '../store/state.ts'
import { removeOtherIndexes } from '../sync/local/links.ts'
import type { SweepOrder } from './messages.ts'

/** What a sweep has to know of a configuration. */
export function sweepOrder({ root, state, repos }: Config): SweepOrder {
  const retain = new Map(repos.map(({ path, retainMs }) => [path, retainMs]))
  const locals = repos.filter(({ local, merge }) => local.length > 0 || merge.length > 0).map(({ path }) => path)
  return { type: 'sweep', places: { root, state }, retain, locals }
}

/** Removes what nobody may read any more, and indexes of folders that no repository has. While nothing else writes. */
export function tidy(state: State, { retain, locals }: SweepOrder, sweeping: Sweeping = {}): Swept {
  const swept = sweep(state, retain, Date.now(), sweeping)
  if (sweeping.dryRun !== true) removeOtherIndexes(state.state, locals)
  return swept
}
