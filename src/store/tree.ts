import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSystemError, MirrorError } from '../errors.ts'
import { fsyncDirectory } from './durable.ts'
import { nextTo } from './pool.ts'

/** The published directory of one repository, as it is on disk. Paths are relative to it. */
export type Tree = ReturnType<typeof openTree>

/** Looks at a repository's directory below root; each directory is read once, when it is first asked for. */
export function openTree(root: string, path: string) {
  const base = join(root, path)
  const listings = new Map<string, ReadonlySet<string>>()

  const listing = (directory: string): ReadonlySet<string> => {
    const known = listings.get(directory)
    if (known !== undefined) return known
    const names = new Set(readNames(join(base, directory)))
    listings.set(directory, names)
    return names
  }

  const own = new Map<string, boolean>([['.', true]])
  const isOwn = (directory: string): boolean => {
    const known = own.get(directory)
    if (known !== undefined) return known
    const there = lstatSync(join(root, directory), { throwIfNoEntry: false })
    const found = isOwn(dirname(directory)) && (there === undefined || there.isDirectory())
    own.set(directory, found)
    return found
  }

  return {
    base,

    /** Whether a name is there, by its directory's entries alone. */
    has(file: string): boolean {
      const slash = file.lastIndexOf('/')
      return listing(slash === -1 ? '' : file.slice(0, slash)).has(file.slice(slash + 1))
    },

    absolute(file: string): string {
      return join(base, file)
    },

    /** Whether a file's directories, from root on, are none that lie behind a link: what does is somebody else's. */
    isOwn(file: string): boolean {
      return isOwn(dirname(join(path, file)))
    },

    /** Removes a file, and what was to take its place. What has become a folder since, or lies behind a link, is not it. */
    remove(file: string): void {
      if (!isOwn(dirname(join(path, file)))) return
      try {
        for (const at of [nextTo(join(base, file)), join(base, file)]) rmSync(at, { force: true })
      } catch (error) {
        if (!isSystemError(error, 'ERR_FS_EISDIR', 'EISDIR', 'ENOTDIR')) throw error
      }
    },

    /** Makes the directory of a file and those above it. A symbolic link in their place is refused, not followed. */
    makeDirectory(file: string): string {
      const directory = dirname(join(path, file))
      let at = root
      for (const segment of directory.split('/')) {
        at = join(at, segment)
        makeOne(at)
      }
      return at
    },
  }
}

function makeOne(directory: string): void {
  const there = lstatSync(directory, { throwIfNoEntry: false })
  if (there === undefined) {
    mkdirSync(directory, { mode: 0o755 })
    fsyncDirectory(dirname(directory))
  } else if (!there.isDirectory())
    throw new MirrorError(
      'E_ROOT',
      `${directory} is not a directory of its own (a link or file is in its place); remove it`,
    )
}

function readNames(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return []
    throw error
  }
}
