import { MirrorError } from '../../errors.ts'
import { type PrimaryPackage, readPrimaryRecord } from '../../repodata/primary/select.ts'
import { unescapeXml } from '../../xml/escape.ts'
import { openDocument, type Source } from './source.ts'

/** A package of a repository that is merged: what is decided by, and where its records are. */
export type Entry = Omit<PrimaryPackage, 'checksum' | 'size'> & {
  source: Source
  /** Its number in the repository's primary. */
  row: number
  pkgid: string
  /** The file name of the source package that it was built from. */
  sourceRpm: string | undefined
}

/** Reads the packages of a repository. @throws what is wrong with its primary, naming the repository */
export async function readEntries(source: Source, signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const record of openDocument('primary', source, signal)) {
    const { checksum, size: _, ...pkg } = readPrimaryRecord(record)
    entries.push({ ...pkg, source, row: entries.length, pkgid: checksum.hex, sourceRpm: readSourceRpm(record) })
    if (entries.length > maxPackages)
      throw new MirrorError('E_LIMIT', `${source.given}: more than ${maxPackages} packages`)
  }
  return entries
}

/** The largest repositories have some 100,000. */
const maxPackages = 2_000_000

const start = '<rpm:sourcerpm>'

/** It stands in `<format>`, where records in createrepo_c's form have one such element at most. */
function readSourceRpm(record: Buffer): string | undefined {
  const at = record.indexOf(start)
  if (at === -1) return undefined
  const from = at + start.length
  return unescapeXml(record.toString('utf8', from, record.indexOf('<', from))) || undefined
}
