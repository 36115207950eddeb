import type { Operating } from '../lifecycle/operating.ts'
import type { Swept } from '../lifecycle/sweep.ts'
import { sweepOrder, tidy } from './tidy.ts'

/** What was removed, or would be. Bytes are those of the contents. */
export type Collected = Swept & { dryRun: boolean }

type Asked = { dryRun: boolean; all: boolean; acceptDeletions: boolean }

/** Removes what no retained generation names, now rather than after the next publication. */
export function gc({ state, config, arguments: asked }: Operating<Asked>): Promise<Collected> {
  const { dryRun, all: isAll, acceptDeletions } = asked
  return Promise.resolve({
    ...tidy(state, sweepOrder(config), { dryRun, isAll, acceptDeletions, isWhole: true }),
    dryRun,
  })
}
