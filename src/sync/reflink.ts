import { chmodSync, constants, copyFileSync, realpathSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSystemError } from '../errors.ts'

/** Makes a file of its own at the target that shares its blocks with a local package; false where that cannot be. */
export type Reflink = (url: URL, target: string) => boolean

/**
 * Reflinks the packages below a `file:` URL. Whether they are reflinked or must be copied is told once for each file
 * system that they are on. A hard link would let whoever writes to the source's folder change what is published.
 */
export function reflinks(base: URL, tell: (line: string) => void): Reflink {
  const told = new Set<number>()
  const refused = new Set<number>()
  const index = fileURLToPath(base)
  // The folder that is configured, behind its link.
  const folderOf = (source: string) => realpathSync(join(index, relative(index, source).split('/')[0] as string))
  return (url, target) => {
    // Metadata is our own, and none of what the notices speak of.
    if (url.protocol !== 'file:' || url.href.startsWith(new URL('repodata/', base).href)) return false
    const source = fileURLToPath(url)
    const device = statSync(source, { throwIfNoEntry: false })?.dev
    if (device === undefined || refused.has(device)) return false
    try {
      copyFileSync(source, target, constants.COPYFILE_FICLONE_FORCE)
      // It came with the source's permissions, and what is published is for everybody to read.
      chmodSync(target, 0o644)
      if (!told.has(device)) tell(`reflinked: new packages share their blocks with ${folderOf(source)}`)
      told.add(device)
      return true
    } catch (error) {
      if (!isSystemError(error, ...unable)) return false
      refused.add(device)
      tell(
        `copied: ${folderOf(source)} ${reasons[error.code] ?? 'is on a file system without shared blocks (reflink)'}`,
      )
      return false
    }
  }
}

/** What file systems answer that cannot, and kernels that do not know how (ioctl_ficlone(2)). */
const unable = ['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'EINVAL', 'ENOSYS', 'EPERM']

const reasons: Record<string, string> = {
  EXDEV: 'is on another file system than the state, and blocks are not shared between two (reflink)',
}
