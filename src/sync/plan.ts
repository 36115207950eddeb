import { join } from 'node:path'
import type { Repo } from '../config/repo.ts'
import { isWeak } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { type DocumentName, documents } from '../repodata/documents.ts'
import type { Repomd, RepomdRecord } from '../repodata/repomd.ts'
import type { Wanted } from './download.ts'
import { mapLocation, packageUrls } from './location.ts'
import { select } from './select.ts'
import type { Snapshot } from './snapshot.ts'
import type { Source } from './source.ts'

/** What one run is to publish: decided whole before a package is fetched. */
export type Plan = {
  snapshot: Snapshot
  upstream: Source
  /** Packages that the upstream has dropped and that stay, with when they were dropped (milliseconds) by row. */
  kept: (Source & { dropped: Map<number, number> }) | undefined
  /** Upstream's other metadata that is carried as it is. */
  carried: RepomdRecord[]
  /** NEVRAs that the upstream lists more than once. */
  duplicates: string[]
  packages: number
  bytes: number
}

/**
 * How upstream's record types are treated besides the three documents. What is derived from package files that may
 * not be selected, or from the documents that are written anew, is left out; all else rides along byte for byte.
 */
const leftOut = /^(?:(?:primary|filelists|filelists-ext|other)(?:_db|_zck)?|prestodelta|deltainfo)$/

export function carriedRecords({ records }: Repomd): RepomdRecord[] {
  return records.filter(({ type }) => !leftOut.test(type))
}

/** The records of the three documents. @throws E_REPOMD where there is no primary */
export function documentRecords({ records: all }: Repomd): Partial<Record<DocumentName, RepomdRecord>> {
  const found = documents.map((name) => [name, all.find(({ type }) => type === name)] as const)
  const records = Object.fromEntries(found.filter(([, record]) => record !== undefined))
  if (records.primary === undefined) throw new MirrorError('E_REPOMD', 'repomd.xml names no primary')
  return records
}

/** Where the upstream's wanted rows are and what they must be; each was checked when the plan was made. */
export function* wantedPackages({ table, rows }: Source, bases: readonly URL[]): Generator<Wanted> {
  for (const row of rows) {
    const digest = table.checksum(row)
    yield {
      what: table.nevra(row),
      urls: packageUrls(table.href(row), table.base(row), bases),
      digest,
      size: table.size(row),
      fileTime: table.fileTime(row),
    }
  }
}

/** The upstream's source with its rows selected and checked, so that nothing is fetched for a plan that cannot be. */
export function planUpstream(
  source: Omit<Source, 'rows'>,
  repo: Repo,
  bases: readonly URL[],
): { source: Source; duplicates: string[] } {
  const { rows, duplicates } = select(source.table, repo)
  const { table } = source
  for (const row of rows) {
    checkPackage(() => {
      mapLocation(table.href(row), repo.layout)
      packageUrls(table.href(row), table.base(row), bases)
      if (isWeak(table.checksum(row)) && !repo.weakDigests)
        throw new MirrorError(
          'E_WEAK_HASH',
          `${table.checksum(row).algorithm} only; say weak_digests: yes to accept that`,
        )
    }, table.nevra(row))
  }
  return { source: { ...source, rows }, duplicates }
}

function checkPackage(check: () => void, nevra: string): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `package ${nevra}: ${error.message}`, { cause: error })
  }
}

/** A metadata file as something to fetch. */
export function wantedRecord(record: RepomdRecord, repo: Repo, bases: readonly URL[]): Wanted {
  if (isWeak(record.checksum) && !repo.weakDigests)
    throw new MirrorError(
      'E_WEAK_HASH',
      `repomd.xml vouches for ${record.type} with ${record.checksum.algorithm} only; say weak_digests: yes to accept that`,
    )
  return {
    what: record.type,
    urls: packageUrls(record.href, undefined, bases),
    digest: record.checksum,
    size: record.size,
    fileTime: record.timestamp,
  }
}

/** A plan's spill file for a document. */
export function spillPath(tmp: string, name: DocumentName): string {
  return join(tmp, `${name}-${process.pid}.spill`)
}
