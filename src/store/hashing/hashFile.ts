import { createHash, hash } from 'node:crypto'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { isSystemError } from '../../errors.ts'

/** What a file's bytes are, or the system's code for why they cannot be read, such as EIO or ENOENT. */
export type Hashed = { sha256: string; bytes: number } | { failure: string }

/** A link in place of a file is not followed (ELOOP), and a read leaves no trace where the file is ours. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW

const block = Buffer.allocUnsafe(1024 * 1024)

/** Reads a file from its first byte to its last. @param paced called with the number of bytes after each that were read */
export function hashFile(path: string, paced: (bytes: number) => void = () => {}): Hashed {
  try {
    const fd = open(path)
    try {
      return hashOpened(fd, paced)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (isSystemError(error)) return { failure: error.code }
    throw error
  }
}

/** Only a file's owner may leave its access time alone. */
function open(path: string): number {
  try {
    return openSync(path, flags | constants.O_NOATIME)
  } catch (error) {
    if (isSystemError(error, 'EPERM')) return openSync(path, flags)
    throw error
  }
}

/** A small file is hashed by one call, which costs a third of making a hash first. */
function hashOpened(fd: number, paced: (bytes: number) => void): Hashed {
  const first = fill(fd, 0)
  paced(first)
  if (first < block.length) return { sha256: hash('sha256', block.subarray(0, first), 'hex'), bytes: first }
  const sum = createHash('sha256')
  let bytes = 0
  for (let read = first; read > 0; read = fill(fd, bytes)) {
    if (bytes > 0) paced(read)
    sum.update(block.subarray(0, read))
    bytes += read
  }
  return { sha256: sum.digest('hex'), bytes }
}

/** Reads until the block is full or the file has ended. */
function fill(fd: number, from: number): number {
  let filled = 0
  for (;;) {
    const read = readSync(fd, block, filled, block.length - filled, from + filled)
    filled += read
    if (read === 0 || filled === block.length) return filled
  }
}
