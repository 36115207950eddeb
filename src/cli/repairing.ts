import type { Repaired } from '../jobs/repair.ts'
import { operate } from './operate.ts'
import type { VerbContext } from './verb.ts'
import type { Verified } from './verifying.ts'

/** How many contents are repaired by one operation, which others wait for. */
const most = 500

/** Has what was found put right, by the daemon where one runs; what became of all of it together. */
export async function repairFound(
  { found }: Verified,
  repos: readonly string[],
  context: VerbContext,
): Promise<Repaired> {
  const contents = [...new Set(found.flatMap(({ sha256 }) => sha256 ?? []))]
  const all: Repaired = { mended: [], withdrawn: [], left: [], reasons: [] }
  for (let at = 0; at === 0 || at < contents.length; at += most) {
    const done = await operate('repair', { repos: [...repos], contents: contents.slice(at, at + most) }, context)
    all.mended.push(...done.mended)
    all.withdrawn.push(...done.withdrawn)
    all.left.push(...done.left)
    all.reasons.push(...done.reasons)
  }
  return all
}
