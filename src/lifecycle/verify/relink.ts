import { lstatSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromSystem, MirrorError } from '../../errors.ts'
import { fsyncDirectory } from '../../store/durable.ts'
import type { State } from '../../store/state.ts'
import { openTree } from '../../store/tree.ts'
import { expectedTrees, pointer } from './expected.ts'

/** A published name, and what came of it. */
export type Named = { repo: string; path: string; sha256: string; isCurrent: boolean }

/** The published names of contents, in all trees. */
export function namesOf(state: Pick<State, 'database' | 'root'>, contents: ReadonlySet<string>): Named[] {
  const names: Named[] = []
  for (const { path: repo, files } of expectedTrees(state.database))
    for (const [path, { sha256, isCurrent }] of files)
      if (contents.has(sha256)) names.push({ repo, path, sha256, isCurrent })
  return names
}

/**
 * Makes each name a hard link to its content in the pool, by a rename over whatever is there; links and files in the way
 * are replaced and not followed. One that cannot be is told and left as it is.
 */
export function relink(state: State, names: readonly Named[], tell: (message: string) => void): void {
  const changed = new Set<string>()
  for (const { repo, path, sha256 } of names) {
    const tree = openTree(state.root, repo)
    try {
      const directory = tree.makeDirectory(path)
      if (state.pool.link(sha256, tree.absolute(path))) changed.add(directory).add(dirname(directory))
    } catch (cause) {
      const error = fromSystem(cause, `Cannot put ${tree.absolute(path)} right`)
      if (!(error instanceof MirrorError)) throw error
      tell(error.message)
    }
  }
  for (const directory of changed) fsyncDirectory(directory)
}

/**
 * Takes names away whose content is lost, and what the pool still has of it: where clients are not told that they are no
 * more, the next look finds that they are not there.
 */
export function removeLost({ root, pool }: State, lost: ReadonlySet<string>, names: readonly Named[]): void {
  const changed = new Set<string>()
  for (const { repo, path } of names.filter((name) => lost.has(name.sha256) && name.path !== pointer)) {
    const tree = openTree(root, repo)
    const file = tree.absolute(path)
    if (!tree.isOwn(path) || lstatSync(file, { throwIfNoEntry: false })?.isDirectory() === true) continue
    rmSync(file, { force: true })
    changed.add(dirname(file))
  }
  for (const sha256 of lost) rmSync(pool.path(sha256), { force: true })
  for (const directory of changed)
    if (lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true) fsyncDirectory(directory)
}
