import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'
import { compareAges } from '../newer.ts'
import { repomdAsked, type Snapshot } from '../snapshot.ts'
import type { Judge } from '../trust/judge.ts'

/** Of so many mirrors the newest repomd.xml counts, where nothing says which one is right. */
const asked = 3

type Found = { mirror: Mirror; snapshot: Snapshot }

/**
 * Fetches repomd.xml from the first mirrors of a list that vouches for none, all at once, and takes the newest: the others
 * lag. Where none of them has one the rest are asked in turn.
 */
export async function fetchNewest(
  upstream: Upstream,
  { transfer }: Pick<Repo, 'transfer'>,
  signal: AbortSignal,
  judged: Judge['read'],
): Promise<Snapshot> {
  const read: Judge['read'] = async (document, mirror) => {
    const snapshot = await judged(document, mirror)
    mirror.hasSnapshot = true
    return snapshot
  }
  const once = { ...transfer, retries: 0 }
  const tries = await Promise.allSettled(
    upstream.mirrors.best(asked).map((mirror) => fetchOne(upstream, mirror, once, signal, read)),
  )
  signal.throwIfAborted()
  const found = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const [first, ...others] = found.sort((a, b) => compareAges(b.snapshot.repomd, a.snapshot.repomd))
  if (first === undefined) {
    const only = { mirrors: upstream.mirrors, transport: upstream.transport }
    return (await fetchDocument(only, repomdAsked({}), transfer, signal, read)) as Snapshot
  }
  first.mirror.hasSnapshot = true
  for (const { mirror, snapshot } of others)
    if (snapshot.sha256 === first.snapshot.sha256) mirror.hasSnapshot = true
    else mirror.lags(new MirrorError('E_LAG', 'its repomd.xml is older than that of another mirror'))
  return first.snapshot
}

async function fetchOne(
  { mirrors, transport }: Upstream,
  mirror: Mirror,
  policy: Repo['transfer'],
  signal: AbortSignal,
  read: Judge['read'],
): Promise<Found> {
  const alone = { mirrors: mirrors.only(mirror), transport }
  return { mirror, snapshot: (await fetchDocument(alone, repomdAsked({}), policy, signal, read)) as Snapshot }
}
