import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gone, statOf } from '../../createrepo/listing.ts'
import { isSystemError } from '../../errors.ts'
import { writeFileAtomic } from '../../store/durable.ts'

/** Between the two looks at a new file, in milliseconds; mtimes of some file systems count seconds, of FAT every other. */
const betweenLooksMs = 2000

/** What files looked like when they held still. */
type Looks = Record<string, string>

/**
 * Looks twice at new files and tells which of them changed meanwhile. What held still is remembered in the index, so
 * that a file that never becomes a package is waited for once and not in every run.
 */
export async function movingFiles(
  files: readonly string[],
  index: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const remembered = readLooks(index)
  const first = lookAt(files)
  if (files.some((file) => remembered[file] !== first[file]))
    await sleep(betweenLooksMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  const second = lookAt(files)
  const moving = new Set(files.filter((file) => first[file] !== second[file] || second[file] === gone))
  const still = Object.fromEntries(Object.entries(second).filter(([file]) => !moving.has(file)))
  if (JSON.stringify(still) !== JSON.stringify(remembered)) writeFileAtomic(looksFile(index), JSON.stringify(still))
  return moving
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
