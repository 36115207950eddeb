import { placesOf, snapshotsFolder } from '../config/channels.ts'
import type { Config } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { removeTree } from '../publish/removeTree.ts'
import { type Database, transaction } from '../store/database.ts'
import { forgetRepo, publishedRepos } from '../store/repos.ts'
import type { Operating } from './operating.ts'

/** A published tree that the configuration names no more; bytes are those of its packages. */
export type Leftover = { path: string; packages: number; bytes: number; created: number }

/** A tree that is gone; `files` are left in its folder, which are nobody's of ours. */
export type Forgotten = { path: string; files: number }

/** What repositories and channels left behind that are configured no more, by path; reads only. */
export function leftovers(config: Config, database: Database): Leftover[] {
  const known = configuredPaths(config)
  return publishedRepos(database).filter(({ path }) => !known.has(path) && !isOfSnapshot(path))
}

/** What forgetting writes. @throws E_USAGE for what is configured, or a snapshot's */
export function forgottenPaths(config: Config, { paths }: { paths: string[] }): string[] {
  const known = configuredPaths(config)
  for (const path of paths) {
    if (isOfSnapshot(path))
      throw new MirrorError(
        'E_USAGE',
        `${path} is of a snapshot; mirror snapshot drop ${path.split('/')[1]} removes it`,
      )
    if (known.has(path))
      throw new MirrorError('E_USAGE', `${path} is configured; take it out of ${config.file}, or disable it, first`)
  }
  return paths
}

/**
 * Removes published trees that are configured no more, and all that is recorded of them; what only they hold the next
 * sweep takes out of the pool. One that a kill interrupts is there still, and can be forgotten again.
 * @throws E_USAGE for a path at which nothing was published, before anything is removed
 */
export async function forget({ state, arguments: { paths }, signal }: Operating<{ paths: string[] }>) {
  const { database } = state
  const ids = new Map(publishedRepos(database).map(({ path, id }) => [path, id]))
  const unknown = paths.find((path) => !ids.has(path))
  if (unknown !== undefined)
    throw new MirrorError('E_USAGE', `nothing was published at ${unknown}; mirror forget lists what can be forgotten`)
  const forgotten: Forgotten[] = []
  for (const path of paths) {
    signal.throwIfAborted()
    const id = ids.get(path) as number
    const files = removeTree(state, { repo: id, path })
    transaction(database, () => forgetRepo(database, id))
    forgotten.push({ path, files })
  }
  return await Promise.resolve({ forgotten })
}

function configuredPaths(config: Config): ReadonlySet<string> {
  return new Set(config.repos.flatMap((repo) => placesOf(repo, config).map(({ path }) => path)))
}

function isOfSnapshot(path: string): boolean {
  return path.startsWith(`${snapshotsFolder}/`)
}
