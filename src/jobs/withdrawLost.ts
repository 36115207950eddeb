import { MirrorError } from '../errors.ts'
import type { Named } from '../lifecycle/verify/relink.ts'
import { withdraw } from '../lifecycle/verify/withdraw.ts'
import { findRepo } from '../store/generations.ts'
import { forgetLook } from '../store/looks.ts'
import { recordRun } from '../store/runs.ts'
import type { State } from '../store/state.ts'

/** How many files are named in what is remembered of it. */
const maxNamed = 20

/**
 * Publishes every tree whose current generation names something lost without that, and remembers it as a failure that the
 * next sync, which looks at all of it again, puts right.
 * @param reasons takes up why a tree could not be
 * @returns what is published no more, as `<publish path>/<path>`
 */
export async function withdrawLost(
  lost: ReadonlySet<string>,
  names: readonly Named[],
  state: State,
  reasons: string[],
): Promise<string[]> {
  const current = names.filter(({ sha256, isCurrent }) => isCurrent && lost.has(sha256))
  const gone: string[] = []
  for (const [path, own] of Map.groupBy(current, ({ repo }) => repo)) {
    const at = Date.now()
    const repo = findRepo(state.database, path) as number
    const files = own.map((name) => name.path)
    const message = await withdrawFrom(path, repo, lost, state).catch((error: unknown) => {
      if (!(error instanceof MirrorError)) throw error
      reasons.push(`${path}: ${error.message}`)
      return `damaged and not repaired: ${listed(files)}: ${error.message}`
    })
    forgetLook(state.database, repo)
    const counts = { added: 0, removed: 0, bytes: 0 }
    const line = `E_DAMAGED ${path}: ${message ?? `published without what was damaged: ${listed(files)}`}`
    recordRun(state.database, repo, { at, milliseconds: Date.now() - at, result: 'failed', message: line, ...counts })
    if (message === undefined) gone.push(...files.map((file) => `${path}/${file}`))
  }
  return gone
}

async function withdrawFrom(
  path: string,
  repo: number,
  lost: ReadonlySet<string>,
  state: State,
): Promise<string | undefined> {
  await withdraw(state, { repo, path }, lost)
  return undefined
}

function listed(files: readonly string[]): string {
  const more = files.length > maxNamed ? ` and ${files.length - maxNamed} more` : ''
  return `${files.slice(0, maxNamed).join(', ')}${more}`
}
