import type { Operating } from '../lifecycle/operating.ts'
import { type Finding, isProblem } from '../lifecycle/verify/finding.ts'
import { nextSlice, writeDamage, writeScrub } from '../lifecycle/verify/scrub.ts'
import { verify } from '../lifecycle/verify/verify.ts'
import { type Repaired, repair } from './repair.ts'

/** What a slice of the scrub read and found, and what was done about it. */
export type Scrubbed = { files: number; bytes: number; found: Finding[]; repaired: Repaired | undefined }

/** A slice is read at this rate, in bytes a second: what serves clients comes first. */
const rate = 64 * 1024 * 1024

/** Without a period to keep to, who asks reads for so many milliseconds' worth of a month. */
const usualMs = 30 * 86_400_000

/**
 * Reads the contents that are next, and compares all names; what is damaged is put right at once. A slice that was cut
 * short is read again.
 */
export async function scrub({ state, config, ...rest }: Operating<object>): Promise<Scrubbed> {
  const slice = nextSlice(state.database, config.scrubMs ?? usualMs, Date.now())
  const { program, signal } = rest
  const { contents } = slice
  const { found, files, bytes } = await verify({ ...state, program, signal, rate, contents })
  const problems = found.filter(isProblem)
  const damaged = new Set(found.flatMap(({ sha256 }) => sha256 ?? []))
  const repaired = problems.length === 0 ? undefined : await repair(damaged, undefined, { state, config, ...rest })
  const mended = slice.after.mended + (repaired?.mended.length ?? 0)
  writeScrub(state.database, { ...slice.after, mended })
  if (repaired === undefined) writeDamage(state.database, [])
  return { files, bytes, found: problems, repaired }
}
