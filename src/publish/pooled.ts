import { join } from 'node:path'
import type { Digest } from '../digest.ts'
import { suffixes, type WrittenFormat } from '../repodata/compression.ts'
import type { DocumentName } from '../repodata/documents.ts'
import type { Content } from '../store/content.ts'
import type { State } from '../store/state.ts'
import { writeDocument } from './document.ts'

/** A metadata file that is in the pool: what repomd.xml says of it, its name beside. */
export type MetadataFile = Content & {
  type: string
  /** Below the repository's directory: `repodata/<sha256>-primary.xml.gz`. */
  path: string
  openChecksum: Digest | undefined
  openSize: number | undefined
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
  const { sha256, size, checksum: digest, openChecksum, openSize } = written
  pool.adopt(temporary, sha256)
  const path = `repodata/${sha256}-${name}.xml${suffixes[format]}`
  return { type: name, path, sha256, size, digest, openChecksum, openSize }
}
