import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs'
import { isSystemError } from '../../errors.ts'
import { walkFolder } from './walk.ts'

/**
 * Gives the packages of a folder to a user, so that nobody else may write to them. Only files that begin as packages do,
 * and lie in the folder itself: whoever owns the folder could lead root elsewhere by a link.
 * @returns how many had another owner or mode
 */
export function ownPackages(folder: string, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): number {
  const real = realpathSync(folder)
  return walkFolder(folder).packages.filter(({ file }) => ownOne(file, real, { uid, gid })).length
}

function ownOne(file: string, folder: string, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): boolean {
  const fd = openOwn(file)
  if (fd === undefined) return false
  try {
    const { mode, uid: owner } = fstatSync(fd)
    const isOwn = owner === uid && (mode & 0o7777) === 0o644
    if (isOwn || !readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${folder}/`) || !isPackage(fd)) return false
    fchownSync(fd, uid, gid)
    fchmodSync(fd, 0o644)
    return true
  } finally {
    closeSync(fd)
  }
}

function openOwn(file: string): number | undefined {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isSystemError(error, 'ELOOP', 'ENOENT')) return undefined
    throw error
  }
}

/** The magic number of a package's lead (rpm, lib/rpmlead.c). */
const magic = Buffer.from('edabeedb', 'hex')

function isPackage(fd: number): boolean {
  const start = Buffer.alloc(magic.length)
  return fstatSync(fd).isFile() && readSync(fd, start, 0, start.length, 0) === start.length && start.equals(magic)
}
