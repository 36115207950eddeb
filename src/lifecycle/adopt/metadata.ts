import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Algorithm } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { readOpened } from '../../repodata/compression.ts'
import { kinds } from '../../repodata/documents.ts'
import { readPrimaryRecord } from '../../repodata/primary/select.ts'
import { parseRepomd, type Repomd } from '../../repodata/repomd.ts'
import { openRecords } from '../../xml/cut.ts'
import { wrongPath } from '../paths.ts'

/** A folder's own metadata, as its repomd.xml says; none of it is believed yet. */
export type FolderMetadata = { bytes: Buffer; repomd: Repomd }

/** No repomd.xml is larger. */
const maxRepomd = 16 * 1024 ** 2

/** What a folder's repodata/ says; undefined where there is none. @throws E_REPOMD and others where it cannot be used */
export function readMetadata(folder: string): FolderMetadata | undefined {
  const file = join(folder, 'repodata/repomd.xml')
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  if (bytes.length > maxRepomd) throw new MirrorError('E_LIMIT', `${file} is larger than ${maxRepomd} bytes`)
  const repomd = parseRepomd(bytes)
  for (const { type, href, base } of repomd.records) {
    const wrong = base === undefined ? wrongPath(href) : 'has an xml:base'
    if (wrong !== undefined || !href.startsWith('repodata/'))
      throw new MirrorError(
        'E_PATH',
        `record ${type} of repomd.xml: ${JSON.stringify(href)} ${wrong ?? 'is not in repodata/'}`,
      )
  }
  return { bytes, repomd }
}

/** The algorithm by which a folder's primary names its packages, where that is not sha256: upstream's names them so, too. */
export async function aliasOf(folder: string, metadata: FolderMetadata | undefined): Promise<Algorithm | undefined> {
  const record = metadata?.repomd.records.find(({ type }) => type === 'primary')
  if (record === undefined) return undefined
  try {
    const { batches } = await openRecords(readOpened(join(folder, record.href), record), kinds.primary)
    const { value, done } = await batches.next()
    await batches.return(false)
    if (done === true || value[0] === undefined) return undefined
    const { algorithm } = readPrimaryRecord(value[0]).checksum
    return algorithm === 'sha256' ? undefined : algorithm
  } catch {
    // Whether it fits is seen later, and told.
    return undefined
  }
}
