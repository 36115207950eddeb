import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError, MirrorError } from '../errors.ts'
import { sniff } from '../repodata/compression.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import { parseRepomd, type Repomd } from '../repodata/repomd.ts'
import type { DocumentFile } from '../repodata/sqlite.ts'
import { recordFile } from './recordFile.ts'

/**
 * The repomd.xml that a directory shows.
 * @throws E_REPOMD where there is none, E_NOT_REPOMD and E_REPOMD where it cannot be used
 */
export function readShown(directory: string): Repomd {
  const file = join(directory, 'repodata/repomd.xml')
  try {
    return parseRepomd(readFileSync(file))
  } catch (cause) {
    if (cause instanceof MirrorError)
      throw new MirrorError(cause.code, `Cannot use ${file}: ${cause.message}`, { cause })
    if (!isSystemError(cause, 'ENOENT', 'ENOTDIR')) throw cause
    throw new MirrorError('E_REPOMD', `${file} does not exist; make metadata first: mirror createrepo`, { cause })
  }
}

/** The files of the three documents that a directory shows. @throws E_REPOMD where one of them has no record */
export async function shownDocuments(
  { records }: Repomd,
  directory: string,
): Promise<Record<DocumentName, DocumentFile>> {
  const found = {} as Record<DocumentName, DocumentFile>
  for (const name of documents) {
    const record = records.find(({ type }) => type === name)
    if (record === undefined)
      throw new MirrorError(
        'E_REPOMD',
        `${join(directory, 'repodata/repomd.xml')} names no ${name}; make it anew: mirror createrepo`,
      )
    const file = recordFile(directory, record)
    const { checksum, size, openChecksum, openSize } = record
    // What is said of a file that is not compressed is said of its open bytes.
    const isOpen = (await sniff(file)).format === 'none'
    found[name] = { file, checksum, openChecksum: isOpen ? checksum : openChecksum, openSize: isOpen ? size : openSize }
  }
  return found
}
