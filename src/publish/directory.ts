import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { MirrorError } from '../errors.ts'
import { parseRepomd, type Repomd, type RepomdRecord, type Tag, writeRepomd } from '../repodata/repomd.ts'
import { fsyncDirectory, makeDurable } from '../store/durable.ts'
import { moveFile } from './moveFile.ts'
import { addFiles, type Names, place, refuseClashes, type StagedRecord } from './placing.ts'
import { type Named, outdated, type Retention } from './retention.ts'
import { saysTheSame } from './sameRepomd.ts'
import type { Staging } from './staging.ts'

export type { Names, StagedRecord } from './placing.ts'

/** What a repository's metadata is to be. */
export type MetadataSet = {
  revision: string
  tags: Tag[]
  staged: StagedRecord[]
  /** Records of the repomd.xml that is shown now, whose files stay where they are. */
  kept: RepomdRecord[]
}

export type Policy = Retention & {
  /** `unique` (default) puts the checksum into the names; with `simple` readers are not protected from a change. */
  names?: Names | undefined
  /** Publishes nothing where only revision and timestamps would change and no retention is given. */
  unlessSame?: boolean | undefined
  /** For all files and records, in seconds since the epoch (createrepo_c --set-timestamp-to-revision). */
  timestamp?: number | undefined
}

/** What a directory shows now, and whether it was changed. */
export type Published = { changed: boolean; repomd: Repomd }

/**
 * Publishes staged metadata so that whoever reads the directory, at any instant and however this ends, finds the old
 * repository or the new one, whole: (1) the files go beside those that are there, under names of their own, and are made
 * durable; (2) a signature that is of the old repomd.xml goes, (3) the new repomd.xml is renamed over the old one and
 * made durable; (4) files that nobody can need any more are removed. With simple names (1) replaces files one by one,
 * and a reader between two of them finds one that repomd.xml does not describe: no order could spare it that.
 */
export async function publishSet(staging: Staging, set: MetadataSet, policy: Policy = {}): Promise<Published> {
  const before = readShown(staging)
  const placed = await Promise.all(set.staged.map((record) => place(record, staging, policy)))
  refuseClashes(placed)
  const records = [...placed.map(({ record }) => record), ...set.kept]
  const repomd: Repomd = { revision: set.revision, tags: set.tags, records }
  const shown = before.repomd
  const mayStay = policy.unlessSame && policy.retainOldMd === undefined && policy.retainOldMdByAge === undefined
  if (mayStay && shown !== undefined && saysTheSame(repomd, shown) && placed.every(({ isThere }) => isThere))
    return { changed: false, repomd: shown }
  await addFiles(staging, placed)
  await show(staging, writeRepomd(repomd), before.bytes)
  await retire(staging, { now: namesOf(repomd), before: before.bytes ? shown && namesOf(shown) : new Set() }, policy)
  return { changed: true, repomd }
}

/** The repomd.xml that clients see now; undefined where there is none, or, with a notice, none that can be read. */
function readShown({ repodata, notice }: Staging): { bytes?: Buffer; repomd?: Repomd } {
  const file = join(repodata, 'repomd.xml')
  if (!existsSync(file)) return {}
  const bytes = readFileSync(file)
  try {
    return { bytes, repomd: parseRepomd(bytes) }
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    notice(`${file}, which is replaced, cannot be read (${error.message}); the files beside it stay`)
    return { bytes }
  }
}

async function show({ folder, repodata }: Staging, bytes: Buffer, before: Buffer | undefined): Promise<void> {
  const file = join(folder, 'repomd.xml')
  writeFileSync(file, bytes)
  await makeDurable([file], [])
  if (before === undefined || !bytes.equals(before)) rmSync(join(repodata, 'repomd.xml.asc'), { force: true })
  await moveFile(file, join(repodata, 'repomd.xml'))
  fsyncDirectory(repodata)
}

function namesOf({ records }: Repomd): Set<string> {
  const here = records.filter(({ base, href }) => base === undefined && dirname(href) === 'repodata')
  return new Set(here.map(({ href }) => basename(href)))
}

/** What cannot be removed is no reason to call the publish failed. */
async function retire({ repodata, notice }: Staging, named: Named, retention: Retention): Promise<void> {
  try {
    for (const name of await outdated(repodata, named, retention)) rmSync(join(repodata, name), { force: true })
  } catch (error) {
    notice(`superseded files stay in ${repodata}: ${(error as Error).message}`)
  }
}
