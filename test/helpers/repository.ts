import type { Compression } from './repository/compression.ts'
import { type Documents, makeDocuments } from './repository/documents.ts'
import { removeAllBut, removeFiles, replaceFile } from './repository/files.ts'
import { type PackageSpec, resolvePackage } from './repository/package.ts'
import { makeRecord, nextRevision, type RecordSpec, repomdXml } from './repository/repomd.ts'
import type { Style } from './repository/xml.ts'

export type { Compression } from './repository/compression.ts'
export { removeFiles } from './repository/files.ts'
export { type PackageSpec, packageFile } from './repository/package.ts'

export interface RepositoryOptions {
  /** Of primary, filelists and other (default gz). xz and bz2 need the commands of these names. */
  compression?: Compression | Partial<Documents<Compression>>
  /** Default: one more than that of the repository that is there, 1700000000 for a new one. */
  revision?: string
  /** Of the packages in filelists and other, against primary's (default same). */
  order?: 'same' | 'reversed' | 'shuffled'
  /** Documents that are not written at all. */
  omit?: ('filelists' | 'other')[]
  /** Names of packages that filelists does not know. */
  omitFromFilelists?: string[]
  /** A wrong `packages=`. */
  packagesCount?: Partial<Documents<number>>
  /** Further `<data>`, written after the others. */
  records?: RecordSpec[]
  /** File names without the checksum, as `primary.xml.gz`. */
  simpleNames?: boolean
  /** How the XML is written (default plain, which is createrepo_c's way). */
  style?: Style
  /** Removes the metadata and the packages that the new repomd.xml does not name. */
  clean?: boolean
  /** Paths below the folder that are removed at the end, so that metadata names what is missing. */
  removeFiles?: string[]
}

/**
 * Writes a repository whose packages are pseudo-random bytes, the same for the same specification. Over an existing
 * one it is what an upstream does when it moves: every file is complete before its name appears, repomd.xml comes last,
 * earlier files stay.
 */
export async function makeRepository(
  dir: string,
  specs: PackageSpec[],
  options: RepositoryOptions = {},
): Promise<void> {
  const packages = specs.map(resolvePackage)
  const revision = options.revision ?? (await nextRevision(dir))
  const records = [...makeDocuments(packages, options), ...(options.records ?? [])].map((record) =>
    makeRecord(record, options.simpleNames ?? false),
  )
  const stored = packages.filter(({ isElsewhere }) => !isElsewhere)
  for (const { href, body, buildTime } of stored) await replaceFile(dir, href, body, buildTime)
  for (const { href, bytes } of records) await replaceFile(dir, href, bytes)
  await replaceFile(dir, repomdHref, repomdXml(revision, records, options.style ?? 'plain'))
  if (options.clean) await removeAllBut(dir, [repomdHref, ...[...stored, ...records].map(({ href }) => href)])
  await removeFiles(dir, options.removeFiles ?? [])
}

const repomdHref = 'repodata/repomd.xml'
