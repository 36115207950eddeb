import type { Repo } from '../config/repo.ts'
import { type Digest, isWeak } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import type { RepomdRecord } from '../repodata/repomd.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { Gpgcheck, PackageGpgcheck } from './gpgcheck/checking.ts'
import { firstUrls, mapLocation, type Where, whereOf } from './location.ts'
import type { Source } from './source.ts'

/** Files are not taken that claim to be larger, in bytes. */
const limits = { package: 64 * 1024 ** 3, metadata: 4 * 1024 ** 3 }

/**
 * A file to have: where it is, and what its bytes must be. `what` names it in messages; fileTime is the
 * modification time that it had upstream, in seconds since the epoch.
 */
export type Wanted = {
  what: string
  where: Where
  digest: Digest
  size: number | undefined
  /** The most bytes that are taken where no size is stated, if another number than usual. */
  limit?: number
  fileTime: number
  /** For packages whose own signatures are asked for: without a good one the file is not taken. */
  gpgcheck?: PackageGpgcheck | undefined
}

type Places = Pick<Upstream, 'mirrors' | 'origins'>

/** The upstream's wanted packages, in the order of primary. */
export function* wantedPackages({ table, rows }: Source, places: Places, gpgcheck?: Gpgcheck): Generator<Wanted> {
  for (const row of rows) {
    const nevra = table.nevra(row)
    yield {
      what: nevra,
      where: whereOf({ href: table.href(row), base: table.base(row) }, places),
      digest: table.checksum(row),
      size: table.size(row),
      fileTime: table.fileTime(row),
      gpgcheck: gpgcheck?.of(nevra),
    }
  }
}

/**
 * Checks every wanted package before the first is fetched: that its location can be used and its digest vouches.
 * @throws E_PATH, E_WEAK_HASH, E_LIMIT naming the package
 */
export function checkPackages({ table, rows }: Source, { layout, weakDigests }: Repo, places: Places): void {
  for (const row of rows) {
    try {
      mapLocation(table.href(row), layout)
      firstUrls(whereOf({ href: table.href(row), base: table.base(row) }, places))
      checkStrength(table.checksum(row), weakDigests)
      checkSize(table.size(row), limits.package)
    } catch (error) {
      if (!(error instanceof MirrorError)) throw error
      throw new MirrorError(error.code, `package ${table.nevra(row)}: ${error.message}`, { cause: error })
    }
  }
}

/** A metadata file as something to fetch. @throws E_PATH, E_WEAK_HASH, E_LIMIT naming the record */
export function wantedRecord(record: RepomdRecord, { weakDigests }: Repo, places: Places): Wanted {
  try {
    checkStrength(record.checksum, weakDigests)
    checkSize(record.size ?? 0, limits.metadata)
    const where = whereOf({ href: record.href }, places)
    firstUrls(where)
    return {
      what: record.type,
      where,
      digest: record.checksum,
      size: record.size,
      fileTime: record.timestamp,
    }
  } catch (error) {
    if (!(error instanceof MirrorError)) throw error
    throw new MirrorError(error.code, `record ${record.type} of repomd.xml: ${error.message}`, { cause: error })
  }
}

/** @throws E_LIMIT for a size beyond the limit */
export function checkSize(size: number, limit: number): void {
  if (size > limit) throw new MirrorError('E_LIMIT', `its stated size is ${size} bytes; at most ${limit} are taken`)
}

/** @throws E_WEAK_HASH for a digest that is not to vouch for a file */
export function checkStrength(digest: Digest, weakDigests: boolean): void {
  if (isWeak(digest) && !weakDigests)
    throw new MirrorError(
      'E_WEAK_HASH',
      `only ${digest.algorithm} vouches for it; say weak_digests: yes to accept that`,
    )
}
