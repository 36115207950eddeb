import { join } from 'node:path'
import { MirrorError } from '../errors.ts'
import { type Opened, sniff } from '../repodata/compression.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'

/** The path of a metadata file that a repomd.xml below a folder names. @throws E_PATH where that is outside of the folder */
export function recordFile(folder: string, { type, href }: Pick<RepomdRecord, 'type' | 'href'>): string {
  if (!href.split('/').includes('..')) return join(folder, href)
  throw new MirrorError('E_PATH', `record ${type} of repomd.xml leads out of the repository: ${JSON.stringify(href)}`)
}

/** What a record says of a file's open bytes: of one that is not compressed, what it says of the file. */
export async function openedOf(
  file: string,
  { checksum, size, openChecksum, openSize }: RepomdRecord,
): Promise<Opened> {
  const isOpen = (await sniff(file)).format === 'none'
  return isOpen ? { openChecksum: checksum, openSize: size } : { openChecksum, openSize }
}
