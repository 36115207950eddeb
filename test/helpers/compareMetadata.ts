import { accepted } from './metadata/accepted.ts'
import { databaseDifferences } from './metadata/databases.ts'
import { valueDifferences } from './metadata/elements.ts'
import { packageDifferences } from './metadata/packages.ts'
import { repomdDifferences } from './metadata/repomd.ts'
import { child, type MetadataRecord, type Repository, readRepository } from './metadata/repository.ts'

export { type Accepted, accepted, unaccepted } from './metadata/accepted.ts'

/**
 * Every difference in meaning between the metadata of two repositories, each as a line that begins with where it is.
 * Shares no code with the program, so that it can be its judge.
 * @param ours a folder with repodata/ in it
 */
export function compareMetadata(ours: string, theirs: string): string[] {
  const [a, b] = [readRepository(ours), readRepository(theirs)]
  const lines = repomdDifferences(a, b)
  for (const record of a.records) {
    const other = b.records.find(({ type }) => type === record.type)
    if (other !== undefined) lines.push(...documentDifferences(record, other, a, b))
  }
  return lines
}

const packageLists = new Set(['primary', 'filelists', 'filelists-ext', 'other'])

function documentDifferences(ours: MetadataRecord, theirs: MetadataRecord, a: Repository, b: Repository): string[] {
  const { type } = ours
  if (ours.document === undefined || theirs.document === undefined) return []
  try {
    if (packageLists.has(type)) return packageDifferences(type, ours.document, theirs.document)
    if (!type.endsWith('_db')) return contentDifferences(type, ours.document, theirs.document)
    const side = (file: Buffer, repository: Repository) => ({ file, xmlChecksum: xmlChecksum(repository, type) })
    return databaseDifferences(type, side(ours.document, a), side(theirs.document, b))
  } catch (error) {
    return [`${type}: cannot be read: ${(error as Error).message}`]
  }
}

/** Documents that are carried along are the same to the byte. */
function contentDifferences(type: string, ours: Buffer, theirs: Buffer): string[] {
  return ours.equals(theirs) ? [] : valueDifferences(type, ours.toString(), theirs.toString())
}

/** The checksum of the XML that a database was made from. */
function xmlChecksum({ records }: Repository, type: string): string {
  const record = records.find((other) => `${other.type}_db` === type)
  return (record && child(record.element, 'checksum')?.text) ?? ''
}

if (import.meta.main) {
  const [ours, theirs] = process.argv.slice(2)
  if (ours === undefined || theirs === undefined) throw new Error('usage: compareMetadata.ts OURS THEIRS')
  for (const line of compareMetadata(ours, theirs)) {
    const known = accepted.find(({ matches }) => matches.test(line))
    console.log(known === undefined ? line : `accepted (${known.reason}): ${line}`)
    if (known === undefined) process.exitCode = 1
  }
}
