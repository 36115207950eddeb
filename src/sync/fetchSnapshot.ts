import type { Repo } from '../config/repo.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { type Document, fetchDocument } from './document.ts'
import { type Known, repomdAsked, type Snapshot, snapshotOf } from './snapshot.ts'

/**
 * Fetches repomd.xml; undefined where it is what is known.
 * @throws E_NOT_REPOMD for anything else sent in its place
 */
export async function fetchSnapshot(
  upstream: Upstream,
  known: Known,
  repo: Pick<Repo, 'trust' | 'repoGpgcheck' | 'transfer' | 'weakDigests' | 'mirrored'>,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  if (upstream.list !== undefined) {
    const { fetchMirrored } = await import('./mirrored/mirrored.ts')
    return await fetchMirrored(upstream, known, repo, signal)
  }
  const read = ({ bytes, validators }: Document) => snapshotOf(bytes, validators)
  return await fetchDocument(upstream, repomdAsked(known.validators ?? {}), repo.transfer, signal, read)
}
