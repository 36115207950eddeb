import type { Repo } from '../../config/repo.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import type { Edition, Known } from '../edition.ts'
import type { Judge } from '../trust/judge.ts'
import { fetchList, type MirrorList } from './list.ts'
import { fetchNewest } from './newest.ts'
import { acceptedVersions, hasSha256 } from './versions.ts'
import { fetchVouched } from './vouched.ts'

/**
 * Fetches the repomd.xml of a repository whose mirrors a list names, by way of that list; undefined where there is nothing new.
 * The upstream goes on with these mirrors.
 */
export async function fetchMirrored(
  upstream: Upstream,
  known: Known,
  repo: Pick<Repo, 'trust' | 'repoGpgcheck' | 'transfer' | 'weakDigests' | 'mirrored'>,
  signal: AbortSignal,
  judge: Judge,
): Promise<Edition | undefined> {
  const list = await fetchList(upstream, known.list?.validators ?? {}, repo, signal)
  if (list === undefined || (known.list !== undefined && list.sha256 === known.list.sha256)) return undefined
  upstream.mirrors.follow(list.places)
  for (const mirror of upstream.mirrors.all) mirror.hasEdition = false
  const { metalink } = list
  if (metalink === undefined) {
    await upstream.measure?.(signal)
    const newest = await fetchNewest(upstream, known, repo, signal, judge)
    if (newest === undefined || (known.isCurrent === true && newest.edition.sha256 === known.last)) return undefined
    return { ...newest.edition, listed: { places: upstream.mirrors.places, at: newest.at } }
  }
  if (known.isCurrent === true && hasSha256(metalink.current, known.last)) return undefined
  const accepted = acceptedVersions(metalink, repo, known.last)
  await upstream.measure?.(signal)
  const { edition, version, isNewest } = await fetchVouched(upstream, accepted, repo, signal, judge.read)
  const listed = {
    places: upstream.mirrors.places,
    vouched: vouchedBy(version.digest.algorithm, upstream),
    ...(isNewest && { seen: seenOf(list) }),
  }
  return { ...edition, listed }
}

/** Names the mirrors where a run needs them and only the list's own change was looked at. */
export async function findMirrors(
  upstream: Upstream,
  repo: Pick<Repo, 'trust' | 'repoGpgcheck' | 'transfer'>,
  signal: AbortSignal,
): Promise<void> {
  if (upstream.list === undefined || upstream.mirrors.all.length > 0) return
  const list = await fetchList(upstream, {}, repo, signal)
  if (list !== undefined) upstream.mirrors.follow(list.places)
}

function vouchedBy(algorithm: string, { list }: Upstream): NonNullable<Edition['listed']>['vouched'] {
  const { host, protocol } = new URL((list as NonNullable<Upstream['list']>).url)
  return { algorithm, host, isSecure: protocol === 'https:' }
}

function seenOf({ sha256, validators }: MirrorList): NonNullable<Known['list']> {
  return { sha256, validators }
}
