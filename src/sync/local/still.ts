import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Seen } from '../../createrepo/options.ts'
import { gone, statOf } from '../../createrepo/update/listing.ts'
import { isSystemError } from '../../errors.ts'
import { writeFileAtomic } from '../../store/durable.ts'

/** Between the two looks at a new file, in milliseconds; mtimes of some file systems count seconds, of FAT every other. */
const betweenLooksMs = 2000

/** What files look like: size, mtime, ctime and inode, by their paths. */
type Looks = Record<string, string>

/**
 * Looks at files, and a second time if there are any that an earlier run did not see as they are. A file that held still
 * in both is remembered by `remember`, so that one that never becomes a package is not waited for in every run.
 */
export async function lookTwice(
  files: readonly string[],
  index: string,
  signal: AbortSignal,
): Promise<Seen & { remember: () => void }> {
  const before = readLooks(index)
  const first = lookAt(files)
  const changed = new Set(files.filter((file) => before[file] !== first[file]))
  if (changed.size > 0) await sleep(betweenLooksMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  const second = lookAt([...changed])
  const moving = new Set([...changed].filter((file) => second[file] !== first[file] || second[file] === gone))
  const remember = () => {
    const still = Object.fromEntries(Object.entries(first).filter(([file]) => !moving.has(file)))
    if (JSON.stringify(still) !== JSON.stringify(before)) writeFileAtomic(looksFile(index), JSON.stringify(still))
  }
  return { changed, moving, remember }
}

function lookAt(files: readonly string[]): Looks {
  return Object.fromEntries(files.map((file) => [file, statOf(file)]))
}

function looksFile(index: string): string {
  return join(index, '.looks.json')
}

function readLooks(index: string): Looks {
  try {
    return JSON.parse(readFileSync(looksFile(index), 'utf8')) as Looks
  } catch (error) {
    if (isSystemError(error, 'ENOENT') || error instanceof SyntaxError) return {}
    throw error
  }
}
