import { join } from 'node:path'
import { MirrorError } from '../errors.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import type { Repomd } from '../repodata/repomd.ts'
import type { DocumentFile } from '../repodata/sqlite/database.ts'
import { openedOf, recordFile } from './recordFile.ts'
import { readRepomdFile } from './repomdFile.ts'

/**
 * The repomd.xml that a directory shows.
 * @throws E_REPOMD where there is none, E_NOT_REPOMD and E_REPOMD where it cannot be used
 */
export function readShown(directory: string): Repomd {
  return readRepomdFile(join(directory, 'repodata/repomd.xml'), 'make metadata first: mirror createrepo')
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
    found[name] = { file, checksum: record.checksum, ...(await openedOf(file, record)) }
  }
  return found
}
