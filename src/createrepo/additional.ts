import { existsSync, mkdtempSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type WrittenFile, writeCompressed } from '../publish/compressed.ts'
import { kindOf } from '../publish/metadataName.ts'
import type { StagedRecord } from '../publish/placing.ts'
import { readOpened, suffixes, type WrittenFormat } from '../repodata/compression.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { mergeModules } from './modules.ts'
import type { CreaterepoOptions } from './options.ts'
import { type OldMetadata, recordOf } from './update/old.ts'

/** Metadata besides what packages tell: what is written anew, and what of the earlier repomd.xml stays as it is. */
export type Additional = { staged: StagedRecord[]; kept: RepomdRecord[] }

/**
 * The group file that was given, the modules documents that were found, and, in an update, everything else that the
 * earlier repomd.xml names (createrepo_c, src/createrepo_c.c 849-1010).
 */
export async function additionalRecords(
  modules: readonly string[],
  old: OldMetadata | undefined,
  options: CreaterepoOptions,
  folder: string,
  warn: (line: string) => void,
): Promise<Additional> {
  const kept = options.update?.keepAdditional === true && old !== undefined ? presentRecords(old, warn) : []
  const { groupFile, formats, attached = [] } = options
  const staged: StagedRecord[] = []
  if (groupFile !== undefined)
    staged.push({
      type: 'group',
      ...(await compressedCopy(groupFile, readPlain(groupFile), formats.groups, options, folder)),
    })
  if (modules.length > 0) {
    const before = kept.some(isModules) ? oldModules(old as OldMetadata) : []
    const merged = mergeModules([...before, ...[...modules].sort()])
    staged.push({
      type: 'modules',
      ...(await compressedCopy('modules.yaml', merged, formats.others, options, folder)),
    })
  }
  for (const { type, file } of attached)
    staged.push({ type, ...(await compressedCopy(file, readPlain(file), formats.others, options, folder)) })
  const replaced = (record: RepomdRecord) =>
    attached.some(({ type }) => type === record.type) ||
    (groupFile !== undefined && record.type.startsWith('group')) ||
    (modules.length > 0 && isModules(record))
  return { staged, kept: kept.filter((record) => !replaced(record)) }
}

/** Additional records whose files are there, or elsewhere: no client could fetch the others. */
function presentRecords({ folder, repomd }: OldMetadata, warn: (line: string) => void): RepomdRecord[] {
  return repomd.records.filter(isAdditional).filter(({ type, href, base }) => {
    const isThere = base !== undefined || existsSync(join(folder, href))
    if (!isThere) warn(`${type} is dropped: ${join(folder, href)} is gone`)
    return isThere
  })
}

/** What createrepo_c calls additional: neither a document of packages nor one of its databases or zchunks. */
function isAdditional({ type }: RepomdRecord): boolean {
  return !/^(?:primary|filelists|filelists-ext|other)(?:_|$)/.test(type)
}

function isModules({ type }: RepomdRecord): boolean {
  return type.startsWith('modules')
}

function oldModules(old: OldMetadata): string[] {
  const record = recordOf(old, 'modules')
  return record === undefined ? [] : [join(old.folder, record.href)]
}

/** The plain bytes of a file, whatever its compression. */
export function readPlain(file: string): AsyncIterable<Buffer> {
  return readOpened(file, { openSize: undefined, openChecksum: undefined })
}

async function compressedCopy(
  source: string,
  bytes: AsyncIterable<Buffer>,
  format: WrittenFormat,
  { repomdChecksum }: CreaterepoOptions,
  folder: string,
): Promise<{ name: string; written: WrittenFile }> {
  const name = `${kindOf(basename(source))}${suffixes[format]}`
  // Whatever it is called, it must not take the place of a document, or of the folder's lock.
  const file = join(mkdtempSync(join(folder, 'other-')), name)
  const written = await writeCompressed(bytes, { file, format, algorithm: repomdChecksum })
  return { name, written }
}
