import { statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { Algorithm } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { writeCompressed } from '../../publish/compressed.ts'
import { type Names, type Published, publishSet, type StagedRecord } from '../../publish/directory.ts'
import { plainName } from '../../publish/metadataName.ts'
import { type Staging, stage } from '../../publish/staging.ts'
import { readOpened, suffixes, type WrittenFormat } from '../../repodata/compression.ts'
import type { RepomdRecord } from '../../repodata/repomd.ts'
import { readRepomdFile } from '../repomdFile.ts'

/** A metadata file that is to be added, or to take the place of the one of its type. */
export type Addition = {
  file: string
  /** Derived from `newName` or the file's name unless given: what stands before the first dot. */
  type?: string | undefined
  newName?: string | undefined
  format: WrittenFormat
  algorithm: Algorithm
  names: Names
}

/** One change of a repository's metadata, as modifyrepo_c knows them. */
export type Change = Addition | { remove: string }

/**
 * Adds, replaces and removes records of the repomd.xml in `repodata`, as modifyrepo_c does, all of them at once. A file
 * that is compressed is compressed anew. Databases and zchunk files made of a record that changes go with it: they
 * would tell clients what the record said before.
 * @throws E_REPOMD where there is no repomd.xml that can be read, E_BUSY where another run has the directory
 */
export async function modifyrepo(
  repodata: string,
  changes: readonly Change[],
  notice: (message: string) => void,
): Promise<Published> {
  const folder = resolve(repodata)
  // For its errors alone; what counts is what is there once nobody else can change it.
  const read = () => readRepomdFile(join(folder, 'repomd.xml'), 'name the repodata folder of a repository')
  read()
  await using staging = await stage(dirname(folder), { published: basename(folder), notice })
  const repomd = read()
  const staged = new Map<string, StagedRecord | undefined>()
  for (const change of changes) {
    if ('remove' in change) staged.set(change.remove, undefined)
    else staged.set(typeOf(change), await stageAddition(change, staging))
  }
  for (const [type, record] of staged)
    if (record === undefined && !repomd.records.some((one) => one.type === type))
      notice(`there is no record of type ${type} to remove in ${join(folder, 'repomd.xml')}`)
  const kept = repomd.records.filter((record) => stays(record, staged, notice))
  const added = [...staged.values()].filter((record) => record !== undefined)
  return await publishSet(staging, { ...repomd, kept, staged: added }, { unlessSame: true })
}

/** The type that modifyrepo_c derives from a name (src/modifyrepo_shared.c 183-207), here without a checksum in it. */
export function typeIn(name: string): string {
  return plainName(basename(name)).replace(/\..*/s, '')
}

function typeOf({ file, type, newName }: Addition): string {
  const derived = type ?? typeIn(newName ?? file)
  if (derived !== '') return derived
  throw new MirrorError('E_USAGE', `no type can be derived from ${newName ?? file}; give one with --mdtype`)
}

async function stageAddition(addition: Addition, staging: Staging): Promise<StagedRecord> {
  const { file, format, algorithm, names } = addition
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new MirrorError('E_USAGE', `${file} is not there or not a file`)
  const type = typeOf(addition)
  const name = withoutSuffix(plainName(basename(addition.newName ?? file))) + suffixes[format]
  const output = { file: join(staging.folder, `${type.replaceAll('/', '_')}-${name}`), format, algorithm }
  const written = await writeCompressed(readOpened(file, { openSize: undefined, openChecksum: undefined }), output)
  return { type, name, written, names }
}

function withoutSuffix(name: string): string {
  return name.replace(/\.(?:gz|xz|bz2|zst)$/, '')
}

function stays(
  { type }: RepomdRecord,
  changed: ReadonlyMap<string, unknown>,
  notice: (message: string) => void,
): boolean {
  if (changed.has(type)) return false
  const origin = type.replace(/_(?:db|zck)$/, '')
  if (!changed.has(origin)) return true
  notice(`${type} is removed, too: it was made of the ${origin} that changes`)
  return false
}
