import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Found, findPackages, type PackagePath, type Problem } from '../../createrepo/walk.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import { wrongPath } from '../paths.ts'

/** What a folder holds: packages by their paths below it, those that cannot be used with the reason, and files that are none. */
export type Walked = { packages: PackagePath[]; problems: Problem[]; foreign: string[] }

/** Hidden names are no client's, and metadata is read by what its repomd.xml says. */
const notWalked = ['repodata', '.*']

/** Looks for packages below a folder, through symbolic links as mrepo makes them. @throws E_IO, E_USAGE for a folder that is none */
export function walkFolder(folder: string): Walked {
  if (!isFolder(folder)) throw new MirrorError('E_USAGE', `${folder} is no folder; name one that holds packages`)
  const found = findPackages(folder, { excludes: notWalked, pkglist: undefined, skipSymlinks: false })
  const unusable = found.packages.flatMap(({ file, path }) => {
    const reason = wrongPath(path)
    return reason === undefined ? [] : [{ file, reason: `its path ${reason}` }]
  })
  const wrong = new Set(unusable.map(({ file }) => file))
  const packages = found.packages.filter(({ file }) => !wrong.has(file)).sort((a, b) => (a.path < b.path ? -1 : 1))
  return { packages, problems: [...found.problems, ...unusable], foreign: foreignBelow(folder, found) }
}

/** Whatever else lies in the folder itself, not behind links. */
function foreignBelow(folder: string, { packages, problems }: Found): string[] {
  const known = new Set([...packages, ...problems].map(({ file }) => file))
  return filesBelow(folder, '')
    .map((path) => `${folder}/${path}`)
    .filter((file) => !known.has(file) && !file.endsWith('.rpm'))
}

function filesBelow(folder: string, below: string): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true })
  return entries.flatMap((entry) => {
    const path = below + entry.name
    if (entry.name === 'repodata' || entry.name.startsWith('.')) return []
    if (!entry.isDirectory()) return entry.isSymbolicLink() ? [] : [path]
    try {
      return filesBelow(folder, `${path}/`)
    } catch (error) {
      // The walk for packages names it.
      if (fromSystem(error) instanceof MirrorError) return []
      throw error
    }
  })
}

function isFolder(folder: string): boolean {
  try {
    return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
  } catch (error) {
    throw fromSystem(error, `Cannot read ${folder}`)
  }
}
