import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromSystem, isSystemError, MirrorError } from '../../errors.ts'
import { readOpened } from '../../repodata/compression.ts'
import { kinds } from '../../repodata/documents.ts'
import { type PrimaryPackage, readPkgid, readPrimaryRecord } from '../../repodata/primary/select.ts'
import { parseRepomd, type Repomd, type RepomdRecord } from '../../repodata/repomd.ts'
import { formatNevra } from '../../rpm/nevra.ts'
import { openRecords } from '../../xml/cut.ts'
import { type RecordKind, recordKinds } from '../read/batch.ts'
import { recordFile } from '../recordFile.ts'

/** Earlier metadata of a folder: what its repomd.xml says, and which package stands in which row. */
export type OldMetadata = { folder: string; repomd: Repomd; packages: OldPackage[]; byHref: Map<string, OldPackage> }

/** What is to be known of a package to use its records again. */
export type OldPackage = Pick<PrimaryPackage, 'size' | 'fileTime' | 'buildTime' | 'base' | 'href'> & {
  row: number
  nevra: string
  algorithm: string
  pkgid: string
}

/**
 * Reads the metadata below a folder; undefined where there is none. Hrefs that occur twice tell nothing and are left out.
 * @throws what is wrong with it
 */
export async function readOld(folder: string): Promise<OldMetadata | undefined> {
  const repomd = readRepomd(folder)
  if (repomd === undefined) return undefined
  for (const record of repomd.records) recordFile(folder, record)
  const packages: OldPackage[] = []
  for await (const record of recordsOf(folder, repomd, 'primary'))
    packages.push(toOld(readPrimaryRecord(record), packages.length))
  const byHref = new Map<string, OldPackage>()
  const twice = new Set<string>()
  for (const old of packages) {
    const href = cleaned(old.href)
    if (byHref.has(href)) twice.add(href)
    byHref.set(href, old)
  }
  for (const href of twice) byHref.delete(href)
  return { folder, repomd, packages, byHref }
}

/** An href without the `./` that it may begin with. */
export function cleaned(href: string): string {
  return href.replace(/^(?:\.\/+)+/, '')
}

export function readRepomd(folder: string): Repomd | undefined {
  try {
    return parseRepomd(readFileSync(join(folder, 'repodata/repomd.xml')))
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

function toOld({ size, fileTime, buildTime, base, href, checksum, ...names }: PrimaryPackage, row: number): OldPackage {
  return {
    row,
    nevra: formatNevra(names),
    size,
    fileTime,
    buildTime,
    base,
    href,
    algorithm: checksum.algorithm,
    pkgid: checksum.hex,
  }
}

export function recordOf({ repomd }: Pick<OldMetadata, 'repomd'>, type: string): RepomdRecord | undefined {
  return repomd.records.find((record) => record.type === type)
}

/** The records of one document, one by one; each is valid until the next is asked for. */
async function* recordsOf(folder: string, repomd: Repomd, kind: RecordKind): AsyncGenerator<Buffer, void, undefined> {
  const record = recordOf({ repomd }, kind)
  if (record === undefined) throw new MirrorError('E_REPOMD', `${folder} has no ${kind}`)
  const { batches } = await openRecords(readOpened(recordFile(folder, record), record), kinds[kind])
  for await (const batch of batches) yield* batch
}

/** Thrown when records cannot be had: a document is broken, or tells of other packages than primary, or in another order. */
export class OldUnusable extends Error {}

/** Takes records out of earlier metadata, all kinds at once; rows must be asked for in ascending order. */
export class OldRecords {
  readonly #old: OldMetadata
  readonly #streams: [RecordKind, AsyncGenerator<Buffer, void, undefined>][]
  #next = 0

  constructor(old: OldMetadata) {
    this.#old = old
    const held = recordKinds.filter((kind) => recordOf(old, kind) !== undefined)
    this.#streams = held.map((kind) => [kind, recordsOf(old.folder, old.repomd, kind)])
  }

  /**
   * The records of one row, valid until the next is asked for.
   * @throws OldUnusable
   */
  async at(row: number): Promise<Map<RecordKind, Buffer>> {
    let records = new Map<RecordKind, Buffer>()
    for (; this.#next <= row; this.#next++) records = await this.#readRow()
    return records
  }

  async close(): Promise<void> {
    await Promise.all(this.#streams.map(([, stream]) => stream.return()))
  }

  async #readRow(): Promise<Map<RecordKind, Buffer>> {
    const { packages, folder } = this.#old
    const records = new Map<RecordKind, Buffer>()
    for (const [kind, stream] of this.#streams) {
      const record = await nextOf(stream, `the metadata of ${folder} is not used: ${kind}`)
      if (record === undefined || (kind !== 'primary' && readPkgid(record) !== packages[this.#next]?.pkgid))
        throw new OldUnusable(`the documents of ${folder} list packages in different orders`)
      records.set(kind, record)
    }
    return records
  }
}

async function nextOf(records: AsyncGenerator<Buffer, void, undefined>, what: string): Promise<Buffer | undefined> {
  try {
    return (await records.next()).value ?? undefined
  } catch (cause) {
    throw new OldUnusable(`${what}: ${(fromSystem(cause) as Error).message}`, { cause })
  }
}
