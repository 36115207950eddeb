import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { Algorithm, Digest } from '../digest.ts'

/** A file's digest. */
export async function measure(file: string, algorithm: Algorithm): Promise<Digest> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(file), hash)
  return { algorithm, hex: hash.digest('hex') }
}

/** Whether a regular file is there and has just this content. */
export async function hasContent(file: string, { sha256, size }: { sha256: string; size: number }): Promise<boolean> {
  const stat = statSync(file, { throwIfNoEntry: false })
  if (stat === undefined || !stat.isFile() || stat.size !== size) return false
  return (await measure(file, 'sha256')).hex === sha256
}
