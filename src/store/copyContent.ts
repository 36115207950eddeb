import { chmodSync, closeSync, constants, copyFileSync, fdatasyncSync, openSync, statSync, utimesSync } from 'node:fs'
import { hashFile } from './hashing/hashFile.ts'

/**
 * Copies a content's file, sharing its blocks where the file system can, and hashes the copy, which is durable then.
 * @returns its size in bytes; undefined where the copy's bytes are not the content's
 */
export function copyContent(from: string, to: string, sha256: string): number | undefined {
  copyFileSync(from, to, constants.COPYFILE_FICLONE)
  const hashed = hashFile(to)
  if ('failure' in hashed || hashed.sha256 !== sha256) return undefined
  const { atime, mtime } = statSync(from)
  utimesSync(to, atime, mtime)
  chmodSync(to, 0o644)
  const fd = openSync(to, 'r')
  try {
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
  return hashed.bytes
}
