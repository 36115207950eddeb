import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** What metadata says about a file's bytes; a size that it does not state is undefined. */
export interface Stated {
  algorithm: string
  checksum: string
  size: number | undefined
}

/** How the bytes differ from what is stated, empty if they do not. */
export function differences(bytes: Buffer, stated: Stated): string[] {
  const problems =
    stated.size === undefined || bytes.length === stated.size ? [] : [differs('size', stated.size, bytes.length)]
  try {
    const found = digest(bytes, stated.algorithm)
    return found === stated.checksum ? problems : [...problems, differs(stated.algorithm, stated.checksum, found)]
  } catch {
    return [...problems, `unknown checksum type ${stated.algorithm}`]
  }
}

function differs(what: string, expected: string | number, found: string | number): string {
  return `${what} expected ${expected}, found ${found}`
}

/** The digest in hex, by the name that repositories use for it: createrepo calls sha1 `sha`. */
export function digest(bytes: Buffer, algorithm: string): string {
  return createHash(algorithm === 'sha' ? 'sha1' : algorithm)
    .update(bytes)
    .digest('hex')
}

/** The document within a compressed file, recognized by its first bytes; anything else is returned as it is. */
export function decompress(bytes: Buffer): Buffer {
  const magic = bytes.subarray(0, 6).toString('latin1')
  if (magic.startsWith('\x1f\x8b')) return gunzipSync(bytes)
  // It may begin with a frame that is to be skipped (RFC 8878 section 3.1.2).
  if (magic.startsWith('\x28\xb5\x2f\xfd') || /^[\x50-\x5f]\x2a\x4d\x18/.test(magic)) return zstdDecompressSync(bytes)
  if (magic.startsWith('\xfd7zXZ\x00')) return decompressBy('xz', bytes)
  if (magic.startsWith('BZh')) return decompressBy('bzip2', bytes)
  return bytes
}

function decompressBy(command: string, bytes: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, ['-dc'], { input: bytes, maxBuffer: 2 ** 30 })
  if (error) throw error
  if (status !== 0) throw new Error(`${command}: ${stderr.toString().trim()}`)
  return stdout
}
