import { hashAll, type ToHash } from '../../store/hashing/hashAll.ts'
import { confirmed } from './confirm.ts'
import type { Findings } from './finding.ts'
import { findingsOf } from './judge.ts'
import { type Read, type Surveyed, survey, type Verifying } from './survey.ts'

/**
 * Reads what is published and what the pool holds, each inode once however many names it has, and says what is not as the
 * database has it. Times and attributes of files prove nothing here. Changes nothing, and may run beside whoever writes:
 * what it finds is looked at once more, since it may have been published or removed meanwhile.
 */
export async function verify(verifying: Verifying): Promise<Findings> {
  const surveyed = survey(verifying)
  const files = toRead(surveyed, verifying)
  const read = await readAll(files, verifying)
  const found = await confirmed([...surveyed.found, ...findingsOf(surveyed, read, verifying.pool)], verifying)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  return { found, names: surveyed.names, files: files.length, bytes }
}

type FileToRead = ToHash & { ino: number }

/** The inodes that have to be read, in the order of their numbers, which is nearly that of their places on a disk. */
function toRead({ sizes, named, pool, others }: Surveyed, { pool: { path }, only, contents }: Verifying): FileToRead[] {
  const files = new Map<number, FileToRead>()
  const isAsked = (sha256: string) => contents === undefined || contents.has(sha256)
  for (const [sha256, { ino, size }] of pool) {
    const isWanted = named.has(sha256) || (only === undefined && sizes.has(sha256))
    if (isWanted && isAsked(sha256) && isRightSize(sizes.get(sha256), size))
      files.set(ino, { path: path(sha256), bytes: size, ino })
  }
  for (const { path, sha256, ino, size } of others)
    if (isAsked(sha256) && isRightSize(sizes.get(sha256), size) && !files.has(ino))
      files.set(ino, { path, bytes: size, ino })
  return [...files.values()].sort((a, b) => a.ino - b.ino)
}

/** A size that is not recorded proves nothing. */
export function isRightSize(recorded: number | undefined, size: number): boolean {
  return recorded === undefined || recorded === size
}

async function readAll(files: readonly FileToRead[], verifying: Verifying): Promise<Read> {
  const read: Read = new Map()
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  let done = 0
  await hashAll(files, verifying, ({ ino, bytes }, hashed) => {
    read.set(ino, hashed)
    done += bytes
    verifying.progress?.(done, total)
  })
  return read
}
