import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import type { Validators } from '../../store/looks.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'
import { type Edition, type Known, repomdAsked } from '../edition.ts'
import type { Judge } from '../trust/judge.ts'
import { type Dated, datedOf, newestFirst } from '../trust/rollback.ts'
import { type Found, fetchFromSome } from './some.ts'

/** An edition, and what each mirror that has it said of it. */
export type Newest = { edition: Edition; at: Record<string, Validators> }

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
  const datedAt = ({ edition }: Found) => (edition ? datedOf(edition.repomd) : (published as Dated))
  const [first, ...others] = found.sort((a, b) => order(datedAt(a), datedAt(b)))
  if (first === undefined) return await fetchFromAny(upstream, transfer, signal, judge.read)
  const shaOf = ({ edition }: Found) => edition?.sha256 ?? known.last
  const having = [first, ...others.filter((one) => shaOf(one) === shaOf(first))]
  for (const { mirror } of having) mirror.hasEdition = true
  for (const one of others) if (!having.includes(one)) one.mirror.lags(older())
  const edition = having.find((one) => one.edition !== undefined)?.edition
  return edition && { edition, at: validatorsOf(having, at) }
}

async function fetchFromAny(
  { mirrors, transport }: Upstream,
  policy: Repo['transfer'],
  signal: AbortSignal,
  judged: Judge['read'],
): Promise<Newest> {
  let from: Mirror | undefined
  const read: Judge['read'] = async (document, mirror) => {
    const edition = await judged(document, mirror)
    mirror.hasEdition = true
    from = mirror
    return edition
  }
  const edition = (await fetchDocument({ mirrors, transport }, repomdAsked({}), policy, signal, read)) as Edition
  return { edition, at: { [(from as unknown as Mirror).url.href]: edition.validators } }
}

function validatorsOf(having: readonly Found[], known: NonNullable<Known['at']>): Newest['at'] {
  return Object.fromEntries(
    having.map(({ mirror: { url }, edition }) => [url.href, edition?.validators ?? known[url.href] ?? {}]),
  )
}

function older(): MirrorError {
  return new MirrorError('E_LAG', 'its repomd.xml is older than that of another mirror')
}
