import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Repo } from '../../config/repo.ts'
import { type Found, findPackages } from '../../createrepo/walk.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import { mapLocation } from '../location.ts'
import type { Links } from './links.ts'

/**
 * What is passed over: a folder's own repodata, since ours is made of the packages alone, and what is hidden, where
 * uploads wait to be whole (rsync) and file systems show their snapshots.
 */
export const notWalked = ['repodata', '.*']

/** @throws E_IO for a folder that is not there: what was published from it must not vanish with its mount */
export function checkFolder(folder: string): void {
  try {
    readdirSync(folder)
  } catch (error) {
    const { code, message } = fromSystem(error, `Cannot read the local folder ${folder}`) as MirrorError
    throw new MirrorError(code, `${message}; is its file system mounted?`, { cause: error })
  }
}

/**
 * The packages of an index's folders. Whoever cannot be published under its name is left out like a broken one; a
 * folder that cannot be read is an error, since what lies in it would be taken for removed.
 */
export function findLocal(index: string, { layout }: Pick<Repo, 'layout'>): Found {
  const found = findPackages(index, { excludes: notWalked, pkglist: undefined, skipSymlinks: false })
  const closed = found.problems.find(({ file }) => isFolder(file))
  if (closed !== undefined) throw new MirrorError('E_IO', `Cannot read a local folder: ${closed.reason}`)
  const problems = [...found.problems]
  const packages = found.packages.filter(({ file, path }) => {
    const reason = refusal(path, layout)
    if (reason !== undefined) problems.push({ file, reason })
    return reason === undefined
  })
  return { ...found, packages, problems }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
}

function refusal(path: string, layout: Repo['layout']): string | undefined {
  try {
    mapLocation(path, layout)
    return undefined
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    return error.message
  }
}

/** Metadata that rides along from the top of a folder, by the type of its record. */
const attachable = [
  { type: 'group', name: /^comps\.xml(?:\.(?:gz|xz|bz2|zst))?$/ },
  { type: 'updateinfo', name: /^updateinfo\.xml(?:\.(?:gz|xz|bz2|zst))?$/ },
]

type Attached = { type: string; file: string }

/** comps and updateinfo of the folders; clients read one of each, the first. */
export function findAttached(index: string, links: Links, tell: (line: string) => void): Attached[] {
  return attachable.flatMap(({ type, name }) => {
    const files = [...links.keys()].flatMap((link) =>
      readdirSync(join(index, link))
        .filter((entry) => name.test(entry))
        .sort()
        .map((entry) => join(index, link, entry)),
    )
    const [file, ...others] = files
    for (const other of others) tell(`${other} is left out: a repository has one ${type}, which is ${file}`)
    return file === undefined ? [] : [{ type, file }]
  })
}
