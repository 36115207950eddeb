import type { Repo } from '../../config/repo.ts'
import { difference, Hasher } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'
import { type Edition, repomdAsked } from '../edition.ts'
import type { Judge } from '../trust/judge.ts'
import { type Accepted, isVersion, type Version } from './versions.ts'

/** An edition that a metalink vouches for, and by what. */
export type Vouched = { edition: Edition; version: Version; isNewest: boolean }

/**
 * Fetches the repomd.xml that a metalink names, from the first mirror that has it; where none has, the newest that is
 * accepted of those of before.
 * @throws E_LAG where the mirrors have others
 */
export async function fetchVouched(
  upstream: Upstream,
  accepted: Accepted,
  { transfer }: Pick<Repo, 'transfer'>,
  signal: AbortSignal,
  judged: Judge['read'],
): Promise<Vouched> {
  const older = new Map<Version, { edition: Edition; mirrors: Mirror[] }>()
  const read: Judge['read'] = async (document, mirror) => {
    const { bytes } = document
    mirror.hasEdition = isVersion(bytes, accepted.newest)
    if (mirror.hasEdition) return await judged(document, mirror)
    const version = accepted.alternates.find((one) => isVersion(bytes, one))
    const error = lagging(bytes, accepted.newest)
    mirror.lags(error)
    if (version !== undefined) {
      const found = older.get(version) ?? { edition: await judged(document, mirror), mirrors: [] }
      found.mirrors.push(mirror)
      older.set(version, found)
    }
    throw error
  }
  try {
    const edition = (await fetchDocument(upstream, repomdAsked({}), transfer, signal, read)) as Edition
    return { edition, version: accepted.newest, isNewest: true }
  } catch (error) {
    const version = accepted.alternates.find((one) => older.has(one))
    const found = version && older.get(version)
    if (version === undefined || found === undefined || signal.aborted) throw error
    for (const mirror of found.mirrors) mirror.hasEdition = true
    return { edition: found.edition, version, isNewest: false }
  }
}

function lagging(bytes: Buffer, { digest }: Version): MirrorError {
  const hasher = new Hasher(digest.algorithm)
  hasher.update(bytes)
  const what = difference(digest, hasher.finish().stated)
  return new MirrorError('E_LAG', `the mirror lags behind the metalink, or lies: ${what}`)
}
