import { spawnSync } from 'node:child_process'
import { extname } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'

export type Compression = 'gz' | 'zst' | 'xz' | 'bz2' | 'none'

/** `primary.xml` -> `primary.xml.zst` */
export function withSuffix(name: string, compression: Compression): string {
  return compression === 'none' ? name : `${name}.${compression}`
}

/** Compresses as the suffix of the name says; undefined for a name without such a suffix. */
export function compressFor(name: string, document: Buffer): Buffer | undefined {
  switch (extname(name)) {
    case '.gz':
      return gzipSync(document)
    case '.zst':
      return zstdCompressSync(document)
    case '.xz':
      return compressBy('xz', document)
    case '.bz2':
      return compressBy('bzip2', document)
    default:
      return undefined
  }
}

function compressBy(command: string, input: Buffer): Buffer {
  const { status, stdout, error } = spawnSync(command, ['-c'], { input, maxBuffer: 2 ** 30 })
  if (error ?? status !== 0) throw new Error(`${command} cannot compress`, { cause: error })
  return stdout
}
