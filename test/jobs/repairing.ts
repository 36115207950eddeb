import { join } from 'node:path'
import { loadConfig } from '../../src/config/load.ts'
import { type Repaired, repair } from '../../src/jobs/repair.ts'
import type { Findings } from '../../src/lifecycle/verify/finding.ts'
import { verify } from '../../src/lifecycle/verify/verify.ts'
import { openState, type State } from '../../src/store/state.ts'
import type { Mirrored } from '../cli/mirrored.ts'
import { checkTree } from '../helpers/checker.ts'

const program = join(import.meta.dirname, '../../src/main.ts')

/** Has the state of a site as its only writer for as long as `steps` takes. */
export async function holding<T>({ site }: Mirrored, steps: (state: State) => Promise<T>): Promise<T> {
  const state = openState(site, 'a test')
  try {
    return await steps(state)
  } finally {
    state.close()
  }
}

/** Verifies all of a site and repairs what was found, as `mirror verify --repair` does; what is found afterwards, too. */
export async function verifyAndRepair(
  mirrored: Mirrored,
): Promise<{ before: Findings; done: Repaired; after: Findings }> {
  const config = await loadConfig(mirrored.site.configFile)
  const signal = new AbortController().signal
  return await holding(mirrored, async (state) => {
    const before = await verify({ ...state, program, rate: 0, signal })
    const contents = new Set(before.found.flatMap(({ sha256 }) => sha256 ?? []))
    const done = await repair(contents, undefined, { state, config, program, emit: () => {}, signal })
    const after = await verify({ ...state, program, rate: 0, signal })
    return { before, done, after }
  })
}

/** What an independent reader says of published trees. */
export async function problemsIn({ site }: Mirrored, ...trees: string[]): Promise<string[]> {
  const reports = await Promise.all(trees.map((tree) => checkTree(join(site.root, tree))))
  return reports.flatMap(({ problems }) => problems)
}
