import { createHash } from 'node:crypto'
import { createReadStream, existsSync, linkSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isSystemError, MirrorError } from '../errors.ts'
import { copyContent } from './copyContent.ts'
import { fsyncDirectory } from './durable.ts'

/** The content-addressed store: one inode for each content, whichever repos hold it. Digests are sha256 as hex. */
export type Pool = ReturnType<typeof openPool>

/** The name that a file has until it takes the place of another. */
export function nextTo(target: string): string {
  return join(dirname(target), `.${basename(target)}.new`)
}

/** Opens the pool below a state folder, making its 256 directories when it is new. */
export function openPool(state: string) {
  const folder = join(state, 'pool')
  const path = (sha256: string) => join(folder, sha256.slice(0, 2), sha256)

  /** Gives the content's file another name; a second inode begins where the file system lets one have no more of them. */
  const addName = (sha256: string, name: string): void => {
    try {
      linkSync(path(sha256), name)
    } catch (error) {
      if (!isSystemError(error, 'EMLINK')) throw error
      renew(path(sha256), join(state, 'tmp', `${sha256}.renewed`), sha256)
      linkSync(path(sha256), name)
    }
  }

  return {
    folder,
    path,

    prepare(): void {
      if (existsSync(join(folder, 'ff'))) return
      for (let i = 0; i < 256; i++) mkdirSync(join(folder, i.toString(16).padStart(2, '0')), { recursive: true })
    },

    /** The size of a content's file, or undefined where there is none. */
    size(sha256: string): number | undefined {
      return statSync(path(sha256), { throwIfNoEntry: false })?.size
    },

    /** Gives a finished file of the state's tmp/ folder its name in the pool. */
    adopt(temporary: string, sha256: string): void {
      renameSync(temporary, path(sha256))
    },

    /** Whether the file is there and its bytes are what its name says. `seen` is shown all of them. */
    async isIntact(sha256: string, seen?: (bytes: Buffer) => void): Promise<boolean> {
      if (this.size(sha256) === undefined) return false
      const hash = createHash('sha256')
      for await (const bytes of createReadStream(path(sha256), { highWaterMark: 1024 * 1024 })) {
        hash.update(bytes)
        seen?.(bytes)
      }
      return hash.digest('hex') === sha256
    },

    /**
     * Links a content to a path outside the pool. Returns whether the path is now that content: false where the
     * pool has no such file.
     */
    link(sha256: string, target: string): boolean {
      try {
        addName(sha256, target)
        return true
      } catch (error) {
        if (isSystemError(error, 'EEXIST')) return this.replace(sha256, target)
        if (isSystemError(error, 'ENOENT') && this.size(sha256) === undefined) return false
        throw error
      }
    },

    addName,

    /** Puts the content at a path where something else is, in one step. */
    replace(sha256: string, target: string): boolean {
      const own = statSync(path(sha256), { throwIfNoEntry: false })
      if (own === undefined) return false
      const there = lstatSync(target, { throwIfNoEntry: false })
      if (there?.ino === own.ino && there.dev === own.dev) return true
      // What a kill between the two steps leaves has always the same name, and goes with the next one, or is taken back.
      const temporary = nextTo(target)
      rmSync(temporary, { force: true })
      addName(sha256, temporary)
      try {
        renameSync(temporary, target)
      } catch (error) {
        rmSync(temporary, { force: true })
        throw error
      }
      return true
    },
  }
}

/**
 * Puts a copy of a content in its own place, verified and durable; shared blocks where the file system can. The names that
 * it had stay with the inode of before. @throws E_CHECKSUM where the bytes are not the content's
 */
function renew(file: string, temporary: string, sha256: string): void {
  try {
    rmSync(temporary, { force: true })
    if (copyContent(file, temporary, sha256) === undefined)
      throw new MirrorError(
        'E_CHECKSUM',
        `${file} has as many links as it may have, and its bytes are not its own any more`,
      )
    renameSync(temporary, file)
    fsyncDirectory(dirname(file))
  } finally {
    rmSync(temporary, { force: true })
  }
}
