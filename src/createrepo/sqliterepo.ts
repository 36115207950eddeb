import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Algorithm } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { writeDatabases } from '../publish/databases.ts'
import { publishSet } from '../publish/directory.ts'
import { plainName } from '../publish/metadataName.ts'
import { outdated } from '../publish/retention.ts'
import { type Staging, stage } from '../publish/staging.ts'
import { formatLike, sniff, type WrittenFormat } from '../repodata/compression.ts'
import { documents } from '../repodata/documents.ts'
import type { Repomd, RepomdRecord } from '../repodata/repomd.ts'
import { readShown, shownDocuments } from './shown.ts'

export type SqliterepoOptions = {
  /** Replaces databases that are there. */
  force?: boolean | undefined
  /** Keeps the files of all databases that were replaced; otherwise those that the replaced repomd.xml named stay. */
  keepOld?: boolean | undefined
  /** Primary's unless given, gz for what is not written without being asked for. */
  format?: WrittenFormat | undefined
  /** Of the checksums in repomd.xml; primary's unless given. */
  algorithm?: Algorithm | undefined
  /** Lets SQLite write in the system's temporary folder. */
  localSqlite?: boolean | undefined
  notice?: ((message: string) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Adds SQLite databases of a directory's metadata to it, as sqliterepo_c does. Nothing else of it changes; the revision
 * neither, which sqliterepo_c means to keep and loses (createrepo_c, src/repomd.c 760).
 * @throws E_REPOMD where metadata is missing, E_USAGE where databases are there that are not to be replaced, E_BUSY where
 * another run has the directory, and whatever is wrong with the documents
 */
export async function sqliterepo(directory: string, options: SqliterepoOptions): Promise<void> {
  // For its errors alone; what counts is what is there once nobody else can change it.
  readShown(directory)
  await using staging = await stage(directory, { notice: options.notice })
  const repomd = readShown(directory)
  if (options.force !== true) refuseDatabases(repomd, directory)
  const sources = await shownDocuments(repomd, directory)
  const { file, checksum } = sources.primary
  const staged = await writeDatabases(sources, {
    folder: staging.folder,
    sqliteFolder: options.localSqlite === true ? tmpdir() : undefined,
    format: options.format ?? formatLike((await sniff(file)).format),
    algorithm: options.algorithm ?? checksum.algorithm,
    signal: options.signal,
  })
  options.signal?.throwIfAborted()
  const set = { ...repomd, staged, kept: repomd.records.filter((record) => !isDatabase(record)) }
  const published = await publishSet(staging, set, { names: namesLike(file), retainOldMd: everything })
  if (options.keepOld !== true) await removeOld(staging, published.repomd, repomd)
}

/** What is no database is not ours to remove here, however old. */
const everything = Number.POSITIVE_INFINITY

function isDatabase({ type }: RepomdRecord): boolean {
  return documents.some((name) => type === `${name}_db`)
}

function refuseDatabases({ records }: Repomd, directory: string): void {
  if (!records.some(isDatabase)) return
  const file = join(directory, 'repodata/repomd.xml')
  throw new MirrorError('E_USAGE', `${file} names databases already; --force replaces them`)
}

/** With checksums in their names where primary has one. */
function namesLike(primary: string): 'simple' | 'unique' {
  return plainName(basename(primary)) === basename(primary) ? 'simple' : 'unique'
}

/** Removes databases that neither repomd.xml names: clients that have read the replaced one still fetch what it names. */
async function removeOld({ repodata }: Staging, now: Repomd, before: Repomd): Promise<void> {
  for (const name of await outdated(repodata, { now: namesOf(now), before: namesOf(before) }, {}))
    if (databaseName.test(plainName(name))) rmSync(join(repodata, name), { force: true })
}

const databaseName = /^(?:primary|filelists|other)\.sqlite(?:\.|$)/

function namesOf({ records }: Repomd): Set<string> {
  return new Set(records.map(({ href }) => basename(href)))
}
