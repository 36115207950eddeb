import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { measure } from '../publish/measure.ts'
import { checksumInName } from '../publish/metadataName.ts'
import { sniff, type WrittenFormat } from '../repodata/compression.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { hrefOf } from './location.ts'
import type { CreaterepoOptions } from './options.ts'
import { inOrder } from './order.ts'
import type { Planned } from './stream.ts'
import { type OldMetadata, recordOf } from './update/old.ts'
import type { Reuse } from './update/reuse.ts'
import type { PackagePath } from './walk.ts'

/** Decides for each file, in the order of the records, whether it is read or its old records are used again. */
export function planPackages(
  packages: readonly PackagePath[],
  reuse: Reuse | undefined,
  { locating }: CreaterepoOptions,
): Planned[] {
  return inOrder(packages).map((found) => {
    const href = hrefOf(found.path, locating)
    return { file: found.file, href, base: locating.base, reused: reuse?.find(found, href) }
  })
}

/**
 * The earlier metadata whose documents can stay as they are: they tell of exactly the planned packages, unmoved, and
 * are written as they would be now.
 */
export async function wholeOld(
  planned: readonly Planned[],
  old: OldMetadata | undefined,
  options: CreaterepoOptions,
): Promise<OldMetadata | undefined> {
  if (old === undefined || planned.length !== old.packages.length || options.timestampToRevision) return undefined
  const isUnmoved = ({ reused }: Planned) =>
    reused?.from.metadata === old && reused.href === reused.old.href && reused.base === reused.old.base
  if (!planned.every(isUnmoved)) return undefined
  for (const kind of ['primary', 'filelists', 'other', 'filelists-ext']) {
    const record = recordOf(old, kind)
    if (record === undefined) continue
    if (kind === 'filelists-ext' && !options.reading.filelistsExt) return undefined
    if (!(await mayStay(record, options.formats.documents, old, options))) return undefined
  }
  return old
}

/** Whether the file of a record is whole and what would be written now. */
export async function mayStay(
  record: RepomdRecord,
  format: WrittenFormat,
  { folder }: OldMetadata,
  { repomdChecksum, names }: CreaterepoOptions,
): Promise<boolean> {
  if (record.checksum.algorithm !== repomdChecksum) return false
  if ((checksumInName(basename(record.href)) !== undefined) !== (names === 'unique')) return false
  const file = join(folder, record.href)
  return (await isIntact(file, record)) && (await sniff(file)).format === format
}

async function isIntact(file: string, { checksum }: RepomdRecord): Promise<boolean> {
  return existsSync(file) && (await measure(file, checksum.algorithm)).hex === checksum.hex
}
