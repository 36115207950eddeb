import { type Algorithm, algorithms } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import type { WrittenFormat } from '../repodata/compression.ts'

const formats: Record<string, WrittenFormat> = {
  gz: 'gz',
  gzip: 'gz',
  zst: 'zst',
  zstd: 'zst',
  xz: 'xz',
  bz2: 'bz2',
  bzip2: 'bz2',
  none: 'none',
}

/**
 * The compression that a flag asks for, by any of createrepo_c's names (src/compression_wrapper.c) or `none`.
 * @throws E_USAGE for another
 */
export function formatOf(flag: string, name: string): WrittenFormat {
  const found = Object.entries(formats).find(([known]) => known === name.toLowerCase())?.[1]
  if (found !== undefined) return found
  throw new MirrorError('E_USAGE', `${flag} ${name}: one of gz, zstd, xz, bz2 or none is expected`)
}

/** The algorithm that a flag asks for; `sha` is SHA-1. @throws E_USAGE for another */
export function algorithmOf(flag: string, name: string): Algorithm {
  const lower = name.toLowerCase()
  const found = lower === 'sha' ? 'sha1' : algorithms.find((algorithm) => algorithm === lower)
  if (found !== undefined) return found
  throw new MirrorError('E_USAGE', `${flag} ${name}: one of ${algorithms.join(', ')} is expected`)
}
