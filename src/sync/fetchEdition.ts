import { setTimeout as sleep } from 'node:timers/promises'
import type { Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { fetchDocument } from './document.ts'
import { type Edition, type Known, repomdAsked } from './edition.ts'
import type { Judge } from './trust/judge.ts'

type Asking = Pick<Repo, 'trust' | 'repoGpgcheck' | 'transfer' | 'weakDigests' | 'mirrored'>

/** So many looks are had at an upstream whose repomd.xml and signature do not belong together: it may publish just now. */
const maxLooks = 3

/**
 * Fetches repomd.xml and has it judged; undefined where it is what is known.
 * @throws E_NOT_REPOMD for anything else sent in its place; what the judge says of it
 */
export async function fetchEdition(
  upstream: Upstream,
  known: Known,
  repo: Asking,
  signal: AbortSignal,
  judge: Judge,
): Promise<Edition | undefined> {
  for (let looks = 1; ; looks++) {
    try {
      const edition = await lookOnce(upstream, looks === 1 ? known : { last: known.last }, repo, signal, judge)
      if (edition !== undefined) judge.admit(edition)
      return edition
    } catch (error) {
      const mayPass = error instanceof MirrorError && (error.code === 'E_SIG' || error.code === 'E_MOVING')
      if (!mayPass || !repo.repoGpgcheck || looks === maxLooks) throw error
      await sleep(repo.transfer.retryDelayMs, undefined, { signal })
    }
  }
}

async function lookOnce(
  upstream: Upstream,
  known: Known,
  repo: Asking,
  signal: AbortSignal,
  judge: Judge,
): Promise<Edition | undefined> {
  if (upstream.list !== undefined) {
    const { fetchMirrored } = await import('./mirrored/mirrored.ts')
    return await fetchMirrored(upstream, known, repo, signal, judge)
  }
  return await fetchDocument(upstream, repomdAsked(known.validators ?? {}), repo.transfer, signal, judge.read)
}
