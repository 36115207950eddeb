import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import type { Validators } from '../../store/looks.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'
import { type Known, repomdAsked, type Snapshot } from '../snapshot.ts'
import type { Judge } from '../trust/judge.ts'
import { type Dated, datedOf, newestFirst } from '../trust/rollback.ts'
import { type Found, fetchFromSome } from './some.ts'

/** A snapshot, and what each mirror that has it said of it. */
export type Newest = { snapshot: Snapshot; at: Record<string, Validators> }

/** Of so many mirrors the newest repomd.xml counts, where nothing says which one is right. */
const asked = 3

/**
 * Fetches repomd.xml from the first mirrors of a list that vouches for none, all at once, and takes the newest: the others
 * lag. Where none of them has one the rest are asked in turn. Undefined where the newest is the one that is published, as a
 * mirror says in answer to a conditional request.
 */
export async function fetchNewest(
  upstream: Upstream,
  known: Known,
  { transfer }: Pick<Repo, 'transfer'>,
  signal: AbortSignal,
  judge: Judge,
): Promise<Newest | undefined> {
  const accepted = judge.last()
  // Only of what was taken last it is known how old it is.
  const published = known.isCurrent === true && accepted?.sha256 === known.last ? accepted : undefined
  const at = (published && known.at) ?? {}
  const found = await fetchFromSome(upstream, upstream.mirrors.best(asked), { at, transfer, signal, read: judge.read })
  const order = newestFirst(Date.now())
  const datedAt = ({ snapshot }: Found) => (snapshot ? datedOf(snapshot.repomd) : (published as Dated))
  const [first, ...others] = found.sort((a, b) => order(datedAt(a), datedAt(b)))
  if (first === undefined) return await fetchFromAny(upstream, transfer, signal, judge.read)
  const shaOf = ({ snapshot }: Found) => snapshot?.sha256 ?? known.last
  const having = [first, ...others.filter((one) => shaOf(one) === shaOf(first))]
  for (const { mirror } of having) mirror.hasSnapshot = true
  for (const one of others) if (!having.includes(one)) one.mirror.lags(older())
  const snapshot = having.find((one) => one.snapshot !== undefined)?.snapshot
  return snapshot && { snapshot, at: validatorsOf(having, at) }
}

async function fetchFromAny(
  { mirrors, transport }: Upstream,
  policy: Repo['transfer'],
  signal: AbortSignal,
  judged: Judge['read'],
): Promise<Newest> {
  let from: Mirror | undefined
  const read: Judge['read'] = async (document, mirror) => {
    const snapshot = await judged(document, mirror)
    mirror.hasSnapshot = true
    from = mirror
    return snapshot
  }
  const snapshot = (await fetchDocument({ mirrors, transport }, repomdAsked({}), policy, signal, read)) as Snapshot
  return { snapshot, at: { [(from as unknown as Mirror).url.href]: snapshot.validators } }
}

function validatorsOf(having: readonly Found[], known: NonNullable<Known['at']>): Newest['at'] {
  return Object.fromEntries(
    having.map(({ mirror: { url }, snapshot }) => [url.href, snapshot?.validators ?? known[url.href] ?? {}]),
  )
}

function older(): MirrorError {
  return new MirrorError('E_LAG', 'its repomd.xml is older than that of another mirror')
}
