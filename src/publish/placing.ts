import { chmodSync, mkdirSync, statSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSystemError, MirrorError } from '../errors.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import { fsyncDirectory, makeDurable } from '../store/durable.ts'
import type { WrittenFile } from './compressed.ts'
import { hasContent } from './measure.ts'
import { checkName, plainName, uniqueName } from './metadataName.ts'
import { moveFile } from './moveFile.ts'
import type { Staging } from './staging.ts'

/** A metadata file that was written into the staging folder and is to be published. */
export type StagedRecord = Pick<RepomdRecord, 'type' | 'header'> & {
  written: WrittenFile
  /** What the file is called without its checksum: `primary.xml.gz`. */
  name: string
  /** Seconds since the epoch; the file's own time unless given. */
  timestamp?: number | undefined
  /** Of an SQLite database: '10'. */
  databaseVersion?: string | undefined
  /** Instead of what goes for the set. */
  names?: Names | undefined
}

/** Whether the checksum is put into a file's name, whatever checksum it begins with now. */
export type Names = 'unique' | 'simple'

type Naming = { names?: Names | undefined; timestamp?: number | undefined }

/** A staged file's place in repodata/, and whether just this content is there already. */
export type Placed = { from: string; to: string; isThere: boolean; record: RepomdRecord; sha256: string }

export async function place(staged: StagedRecord, { repodata }: Staging, policy: Naming): Promise<Placed> {
  const { written, type, header, databaseVersion } = staged
  const { file, checksum, size, openChecksum, openSize, sha256 } = written
  const simple = checkName(plainName(staged.name))
  const name = (staged.names ?? policy.names) === 'simple' ? simple : uniqueName(checksum, simple)
  const to = join(repodata, name)
  const isThere = await hasContent(to, written)
  const timestamp = policy.timestamp ?? staged.timestamp ?? secondsOf(isThere ? to : file)
  if (policy.timestamp !== undefined) utimesSync(file, timestamp, timestamp)
  const href = `repodata/${name}`
  const described = { type, href, checksum, size, openChecksum, openSize, timestamp, databaseVersion }
  return { from: file, to, isThere, sha256, record: header === undefined ? described : { ...described, header } }
}

function secondsOf(file: string): number {
  return Math.floor(statSync(file).mtimeMs / 1000)
}

/** @throws E_PATH where two files of different content are to have one name */
export function refuseClashes(placed: Placed[]): void {
  for (const { to, sha256, record } of placed) {
    const other = placed.find((one) => one.to === to && one.sha256 !== sha256)
    if (other === undefined) continue
    const types = `${record.type} and ${other.record.type}`
    throw new MirrorError('E_PATH', `${types} are both to be ${to}; name them differently or use unique names`)
  }
}

/** Gives staged files their names, durably; those that are there already are not touched. */
export async function addFiles({ repodata }: Staging, placed: Placed[]): Promise<void> {
  makeFolder(repodata)
  const missing = new Map(placed.filter(({ isThere }) => !isThere).map(({ from, to }) => [to, from]))
  await makeDurable([...missing.values()], [])
  for (const [to, from] of missing) await moveFile(from, to)
  fsyncDirectory(repodata)
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder)
    chmodSync(folder, 0o755)
    fsyncDirectory(dirname(folder))
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return
    throw new MirrorError('E_IO', `${folder} is there, but is no folder; remove it and run again`, { cause: error })
  }
}
