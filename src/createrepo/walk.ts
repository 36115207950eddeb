import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { fromSystem, isSystemError, MirrorError } from '../errors.ts'
import { globMatcher } from '../glob.ts'
import type { Choice } from './options.ts'

/** A file that is to become a package: where it is, and where below the directory. */
export type PackagePath = { file: string; path: string }

/** What a directory holds, in no order: packages, modules documents, and what cannot be used. */
export type Found = { packages: PackagePath[]; modules: string[]; problems: Problem[] }

/** A file that is left out, and why. */
export type Problem = { file: string; reason: string }

/**
 * Finds the packages below a directory, as createrepo_c does (src/createrepo_c.c 149-330): through symbolic links, but
 * never round in a circle.
 */
export function findPackages(directory: string, { excludes, pkglist, skipSymlinks }: Choice): Found {
  const isExcluded = anyOf(excludes)
  const found: Found = { packages: [], modules: [], problems: [] }
  if (pkglist === undefined) walk({ directory, isExcluded, skipSymlinks, found }, '', [realpathSync(directory)])
  else for (const path of pkglist) if (!isExcluded(path)) add(found, directory, path)
  return found
}

type Walk = { directory: string; isExcluded: (name: string) => boolean; skipSymlinks: boolean; found: Found }

/** `below` is a folder's path with a slash at its end, or nothing; `above` are the real paths of the folders on the way. */
function walk(context: Walk, below: string, above: readonly string[]): void {
  const { directory, isExcluded, skipSymlinks, found } = context
  for (const entry of entriesOf(join(directory, below), found)) {
    const path = below + entry.name
    if (isExcluded(entry.name)) continue
    const target = entry.isSymbolicLink() ? follow(join(directory, path)) : entry
    if (target instanceof MirrorError) found.problems.push({ file: join(directory, path), reason: target.message })
    else if (target?.isDirectory() === true) descend(context, path, entry, above)
    else if (target?.isFile() === true) {
      if (!(skipSymlinks && entry.isSymbolicLink()) && !isExcluded(path)) add(found, directory, path)
    } else if (path.endsWith('.rpm')) {
      const reason = target === undefined ? 'a symbolic link that leads nowhere' : 'not a regular file'
      found.problems.push({ file: join(directory, path), reason })
    }
  }
}

function descend(context: Walk, path: string, entry: Dirent, above: readonly string[]): void {
  if (!entry.isSymbolicLink()) {
    walk(context, `${path}/`, above)
    return
  }
  const real = realpathSync(join(context.directory, path))
  const here = realpathSync(join(context.directory, path, '..'))
  // What lies above such a link is walked anyway; through it the walk would never end.
  if (![...above, here].some((folder) => folder === real || folder.startsWith(`${real}/`)))
    walk(context, `${path}/`, [...above, real])
}

function entriesOf(folder: string, found: Found): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    found.problems.push({ file: folder, reason: (fromSystem(error) as Error).message })
    return []
  }
}

/** What a link leads to; undefined: nothing. Where that cannot be told there may be a folder of packages behind it. */
function follow(path: string): Stats | MirrorError | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    return isSystemError(error, 'ELOOP', 'ENOTDIR') ? undefined : (fromSystem(error) as MirrorError)
  }
}

function add({ packages, modules, problems }: Found, directory: string, path: string): void {
  const file = `${directory}/${path}`
  if (isModules(path)) modules.push(file)
  else if (path.endsWith('.rpm') && path.includes('\ufffd')) problems.push({ file, reason: 'its name is not UTF-8' })
  else if (path.endsWith('.rpm')) packages.push({ file, path })
}

/** createrepo_c's rule for modules documents (src/createrepo_c.c 102-113). */
function isModules(path: string): boolean {
  return /modules\.yaml|\.modulemd\.yaml|\.modulemd-defaults\.yaml/.test(path)
}

/** GLib's patterns know `*` and `?` only. */
function anyOf(globs: readonly string[]): (text: string) => boolean {
  const matchers = globs.map((glob) => globMatcher(glob.replaceAll(/[[\\]/g, '\\$&')))
  return (text) => matchers.some((matches) => matches(text))
}
