import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../digest.ts'
import { suffixes, type WrittenFormat } from '../repodata/compression.ts'
import type { DocumentName } from '../repodata/documents.ts'
import type { Content } from '../store/content.ts'
import type { State } from '../store/state.ts'
import { inBlocks, type WrittenFile, writeCompressed } from './compressed.ts'
import { writeDocument } from './document.ts'

/** A metadata file that is in the pool: what repomd.xml says of it, its name beside. */
export type MetadataFile = Content & {
  type: string
  /** Below the repository's directory: `repodata/<sha256>-primary.xml.gz`. */
  path: string
  openChecksum: Digest | undefined
  openSize: number | undefined
}

/** Whether a metadata file's name holds a digest of it, so that no other content will ever have that name. */
export function isUnique({ path, sha256, digest }: Pick<MetadataFile, 'path' | 'sha256' | 'digest'>): boolean {
  return path.includes(sha256) || path.includes(digest.hex)
}

/** Writes a document and gives it to the pool; `packages` must be how many records come. */
export async function writePooledDocument(
  name: DocumentName,
  packages: number,
  records: AsyncIterable<Buffer[]>,
  format: WrittenFormat,
  { tmp, pool }: Pick<State, 'tmp' | 'pool'>,
): Promise<MetadataFile> {
  const temporary = join(tmp, `${name}-${process.pid}.new`)
  const written = await writeDocument(name, packages, records, { file: temporary, format })
  return adopted(name, `${name}.xml${suffixes[format]}`, written, pool)
}

/**
 * Writes metadata of another kind, called `name` where it is not compressed, and gives it to the pool; undefined where the
 * parts return in the end that they are nothing new.
 */
export async function writePooledRecord(
  type: string,
  name: string,
  parts: AsyncGenerator<Buffer, boolean, undefined>,
  format: WrittenFormat,
  { tmp, pool }: Pick<State, 'tmp' | 'pool'>,
): Promise<MetadataFile | undefined> {
  const temporary = join(tmp, `${type}-${process.pid}.new`)
  let isNew = false
  async function* whole(): AsyncGenerator<Buffer, void, undefined> {
    isNew = yield* parts
  }
  const written = await writeCompressed(inBlocks(whole()), { file: temporary, format })
  if (isNew) return adopted(type, `${name}${suffixes[format]}`, written, pool)
  rmSync(temporary)
  return undefined
}

/** Gives a written file, called `name` without its digest, to the pool. */
export function adopted(type: string, name: string, written: WrittenFile, pool: State['pool']): MetadataFile {
  const { file, sha256, size, checksum: digest, openChecksum, openSize } = written
  pool.adopt(file, sha256)
  return { type, path: `repodata/${sha256}-${name}`, sha256, size, digest, openChecksum, openSize }
}
