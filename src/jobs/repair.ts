import type { Operating } from '../lifecycle/operating.ts'
import { chosenRows } from '../lifecycle/verify/chosen.ts'
import { type Finding, isProblem } from '../lifecycle/verify/finding.ts'
import { type Mended, mendPool } from '../lifecycle/verify/mend.ts'
import { mendModes } from '../lifecycle/verify/modes.ts'
import { namesOf, relink, removeLost } from '../lifecycle/verify/relink.ts'
import { writeDamage } from '../lifecycle/verify/scrub.ts'
import { verify } from '../lifecycle/verify/verify.ts'
import { fetchLost } from './fetchLost.ts'
import type { Repairing } from './repairing.ts'
import { withdrawLost } from './withdrawLost.ts'

/** What became of damage: put right, published without, or as it was; with a reason for each that was not put right. */
export type Repaired = {
  mended: Mended[]
  /** What is published no more, as `<publish path>/<path>`. */
  withdrawn: string[]
  left: Finding[]
  reasons: string[]
}

/** Puts damage right that somebody has found: of trees by the operands that chose them, of contents by their digests. */
export async function repairAsked(operating: Operating<{ repos: string[]; contents: string[] }>): Promise<Repaired> {
  const { repos, contents } = operating.arguments
  return await repair(new Set(contents), chosenRows(operating.state.database, repos), operating)
}

/**
 * Puts damage right: from another published file with the right bytes, else from the upstream, and where neither has it,
 * publishes again without it, so that everything that is named is there. What it was told of is looked at once more first,
 * by content; what another name or inode hides is put right with it.
 * @param contents what may be damaged; names that are missing, other files and modes are found without that
 */
export async function repair(
  contents: ReadonlySet<string>,
  only: ReadonlySet<number> | undefined,
  repairing: Repairing,
): Promise<Repaired> {
  const { state } = repairing
  const look = (what: ReadonlySet<string>) => verify({ ...state, ...repairing, rate: 0, only, contents: what })
  const { found } = await look(contents)
  const about = new Set(found.flatMap(({ sha256 }) => sha256 ?? []))
  const { mended, lacking } = await mendPool(state, found)
  const modes = await mendModes(state, found)
  const concerned = new Set([...about, ...modes.copied])
  const { found: back, ...fetched } = await fetchLost(lacking, namesOf(state, concerned), repairing)
  const { reasons } = fetched
  const lost = new Set([...lacking.keys()].filter((sha256) => !back.has(sha256)))
  const names = namesOf(state, concerned)
  const withdrawn = await withdrawLost(lost, names, state, reasons)
  const good = names.filter(({ sha256 }) => !lost.has(sha256))
  relink(state, good, (message) => reasons.push(message))
  removeLost(state, lost, names)
  const left = (await look(about)).found.filter(isProblem)
  writeDamage(
    state.database,
    left.map(({ kind, path, detail }) => `${kind}: ${path}: ${detail}`),
  )
  return { mended: [...mended, ...modes.mended, ...fetched.mended], withdrawn, left, reasons }
}
