import type { Operating } from '../lifecycle/operating.ts'
import { sweepOrder, tidy } from './tidy.ts'

/** What was removed, or would be. Bytes are those of the contents. */
export type Collected = { files: number; contents: number; bytes: number; dryRun: boolean }

/** Removes what no retained generation names, now rather than after the next publication. */
export function gc({ state, config, arguments: { dryRun } }: Operating<{ dryRun: boolean }>): Promise<Collected> {
  return Promise.resolve({ ...tidy(state, sweepOrder(config), { dryRun, isWhole: true }), dryRun })
}
