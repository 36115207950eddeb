import { createHash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { type Digest, isWeak } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import type { Metalink, MetalinkVersion } from '../../repodata/metalink.ts'

/** What a metalink vouches for: the newest repomd.xml, and those of before that are not too old. */
export type Accepted = { newest: Version; alternates: Version[] }
export type Version = { digest: Digest; size: number | undefined; timestamp: number | undefined }

/**
 * The versions of repomd.xml that a repository takes by its metalink, each by its strongest digest. A version of before
 * counts while it is not older than `alternates_max_age`, and newer than the one that was taken last.
 * @param last the sha256 of that one
 * @throws E_METALINK, E_WEAK_HASH
 */
export function acceptedVersions(
  { current, alternates }: Metalink,
  { weakDigests, mirrored }: Pick<Repo, 'weakDigests' | 'mirrored'>,
  last: string | undefined,
  now = Date.now(),
): Accepted {
  const newest = strongest(current)
  if (newest === undefined) throw new MirrorError('E_METALINK', 'the metalink has no digest of repomd.xml')
  if (isWeak(newest.digest) && !weakDigests)
    throw new MirrorError(
      'E_WEAK_HASH',
      `the metalink vouches for repomd.xml with ${newest.digest.algorithm} only; say weak_digests: yes to accept that`,
    )
  const oldest = Math.max(now / 1000 - mirrored.alternatesMaxAgeMs / 1000, takenAt(alternates, last))
  const isTaken = ({ digest, timestamp = 0 }: Version) => (weakDigests || !isWeak(digest)) && timestamp > oldest
  const versions = alternates.flatMap((version) => strongest(version) ?? []).filter(isTaken)
  return { newest, alternates: versions.sort((a, b) => (b.timestamp ?? 0) - (a.timestamp ?? 0)) }
}

/** Whether these bytes are that version. */
export function isVersion(bytes: Buffer, { digest, size }: Version): boolean {
  if (size !== undefined && bytes.length !== size) return false
  return createHash(digest.algorithm).update(bytes).digest('hex') === digest.hex
}

/** Whether a metalink's version has this sha256. */
export function hasSha256({ digests }: MetalinkVersion, sha256: string | undefined): boolean {
  return digests.some(({ algorithm, hex }) => algorithm === 'sha256' && hex === sha256)
}

function strongest({ digests, size, timestamp }: MetalinkVersion): Version | undefined {
  const [digest] = digests
  return digest && { digest, size, timestamp }
}

function takenAt(alternates: readonly MetalinkVersion[], last: string | undefined): number {
  return alternates.find((version) => hasSha256(version, last))?.timestamp ?? 0
}
