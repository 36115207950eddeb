import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ExpectedTree } from './expected.ts'
import type { FindingKind } from './finding.ts'
import { entries, type PoolFile } from './poolFiles.ts'

/** A published name that is no link to its content in the pool, as it lies there. */
export type OtherFile = { file: string; path: string; sha256: string; ino: number; size: number; mode: number }

/** What a walk through a published tree tells. Files are relative to the tree, paths absolute. */
export type TreeTold = {
  /** A name that is a hard link to its content in the pool. */
  linked(sha256: string, path: string): void
  /** One that is a file of its own. */
  other(file: OtherFile): void
  /** Something that needs no reading to be told. */
  found(kind: FindingKind, path: string, detail: string, sha256?: string): void
}

/** Modes of what everybody may read and nobody but its owner write. */
const modes = { file: 0o644, directory: 0o755 }

/**
 * Compares a tree's names with what they should be, directory by directory; no link is followed, and no file opened.
 * @param root below which the tree is
 */
export function walkTree(
  root: string,
  { path, files }: ExpectedTree,
  pool: ReadonlyMap<string, PoolFile>,
  told: TreeTold,
): void {
  const base = join(root, path)
  const directories = directoriesOf(files.keys())
  const seen = new Set<string>()
  /** Directories that are none: what should be in them is told with them. */
  const lost: string[] = []
  const place = placeOf(root, path, told)
  if (place === 'there') visit('')
  if (place === 'behind a link') lost.push('')
  for (const [file, { sha256 }] of files)
    if (!seen.has(file) && !lost.some((folder) => folder === '' || file.startsWith(`${folder}/`)))
      told.found('missing', join(base, file), 'it is not there', sha256)

  function visit(directory: string): void {
    for (const entry of entries(join(base, directory))) {
      const file = directory === '' ? entry.name : `${directory}/${entry.name}`
      if (files.has(file)) look(file)
      else if (directories.has(file)) enter(file)
      else if (!entry.isDirectory() || entries(join(base, file)).length > 0) foreign(file, entry.isSymbolicLink())
    }
  }

  function enter(directory: string): void {
    const stat = lstatSync(join(base, directory), { throwIfNoEntry: false })
    if (stat === undefined) return
    if (stat.isDirectory()) {
      checkMode(join(base, directory), stat.mode & 0o777, modes.directory, told)
      visit(directory)
    } else {
      lost.push(directory)
      told.found('link', join(base, directory), inPlaceOfDirectory)
    }
  }

  function foreign(file: string, isLink: boolean): void {
    told.found('foreign', join(base, file), `${isLink ? 'a link' : 'something'} that no retained generation names`)
  }

  function look(file: string): void {
    const { sha256 } = files.get(file) as { sha256: string }
    const at = join(base, file)
    const stat = lstatSync(at, { throwIfNoEntry: false })
    if (stat === undefined) return
    seen.add(file)
    if (!stat.isFile()) told.found('link', at, 'a link or folder in place of a file', sha256)
    else if (pool.get(sha256)?.ino === stat.ino) told.linked(sha256, at)
    else told.other({ file, path: at, sha256, ino: stat.ino, size: stat.size, mode: stat.mode & 0o777 })
  }
}

/** Every directory that some file is in. */
function directoriesOf(files: Iterable<string>): Set<string> {
  const found = new Set<string>()
  for (const file of files) for (let at = dirname(file); at !== '.' && !found.has(at); at = dirname(at)) found.add(at)
  return found
}

/** Whether a tree's directory, and those above it below root, are there and directories of their own. */
function placeOf(root: string, path: string, told: TreeTold): 'there' | 'nowhere' | 'behind a link' {
  const segments = path.split('/')
  for (const [at] of segments.entries()) {
    const directory = join(root, ...segments.slice(0, at + 1))
    const stat = lstatSync(directory, { throwIfNoEntry: false })
    if (stat === undefined) return 'nowhere'
    if (!stat.isDirectory()) {
      told.found('link', directory, inPlaceOfDirectory)
      return 'behind a link'
    }
    checkMode(directory, stat.mode & 0o777, modes.directory, told)
  }
  return 'there'
}

const inPlaceOfDirectory = 'a link or file in place of a directory'

/** Tells a mode by which somebody cannot read, or others can write. */
export function checkMode(path: string, mode: number, expected: number, { found }: Pick<TreeTold, 'found'>): void {
  if (mode !== expected) found('mode', path, `mode expected ${octal(expected)}, found ${octal(mode)}`)
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0')
}
