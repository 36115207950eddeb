import { type BigIntStats, closeSync, lstatSync, readSync } from 'node:fs'
import { MirrorError } from '../errors.ts'
import { type OpenFile, openInside } from './file.ts'
import type { Client } from './message.ts'

/** A small file below the root, whole in memory and closed. */
export interface SmallFile {
  bytes: Buffer
  stats: BigIntStats
  path: string
}

/** A file or folder that may be served. */
export type Found = OpenFile | SmallFile

/**
 * What lies below the root under these safe segments, for this client: a small file read, anything else open; undefined
 * where there is nothing to serve.
 */
export type Find = (segments: readonly string[], client: Client) => Found | undefined

/** Up to this size a file is read whole: from the page cache that is cheaper than a hop through the thread pool. */
const smallBytes = 32 * 1024

/** So many small files are remembered: 8 MiB at most, and far more than a host has repomd.xml files. */
const remembered = 256

/** A remembered file is opened anew after this time (ms), in case that a folder above it became a symlink. */
const rememberMs = 1000

/**
 * A file may be remembered when it has stood still for this long (ms): one written twice within a tick of the file
 * system's clock, which is two seconds where it is coarsest, has the same times with another content.
 */
const settledMs = 2000

/**
 * Looks below a real root. A file that was read a moment ago is taken from memory when one lstat finds it unchanged:
 * a client that polls repomd.xml costs that and a write, where open, fstat, readlink, read and close cost 18 µs more.
 */
export function findBelow(root: string): Find {
  const recent = new Map<string, SmallFile & { until: number }>()
  return (segments) => {
    const path = segments.length === 0 ? root : `${root}/${segments.join('/')}`
    const now = Date.now()
    const known = recent.get(path)
    if (known !== undefined) {
      if (now < known.until && isUnchanged(known)) return known
      recent.delete(path)
    }
    const file = openInside(path)
    if (file === undefined || !isSmall(file)) return file
    const small = readWhole(file)
    if (Number(small.stats.ctimeMs) + settledMs <= now) {
      if (recent.size >= remembered) recent.delete(recent.keys().next().value as string)
      recent.set(path, { ...small, until: now + rememberMs })
    }
    return small
  }
}

function isUnchanged({ path, stats }: SmallFile): boolean {
  const now = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  return now !== undefined && isSame(now, stats)
}

/** Whether it is one file, unchanged: ctime cannot be set by anybody, so that no content hides behind the other four. */
export function isSame(a: BigIntStats, b: BigIntStats): boolean {
  return a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev && a.size === b.size && a.mtimeNs === b.mtimeNs
}

function isSmall({ stats }: OpenFile): boolean {
  return stats.isFile() && stats.size <= smallBytes
}

function readWhole({ fd, stats, path }: OpenFile): SmallFile {
  try {
    const bytes = Buffer.allocUnsafeSlow(Number(stats.size))
    const length = readSync(fd, bytes, 0, bytes.length, 0)
    if (length === bytes.length) return { bytes, stats, path }
    throw new MirrorError(
      'E_TRUNCATED',
      `Cannot send ${path}: ${bytes.length} bytes expected, it now ends at ${length}`,
    )
  } finally {
    closeSync(fd)
  }
}
