import { createHash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { companions } from '../../publish/fixedNames.ts'
import type { SeenFiles, Validators } from '../../store/looks.ts'
import { isGone } from '../../upstream/retry.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { type Document, fetchDocument } from '../document.ts'

/** Keys and signatures have some kilobytes. */
const maxBytes = 1024 * 1024

type Reachable = Pick<Upstream, 'mirrors' | 'transport'>

/** Where the signature of a repomd.xml is. */
export const signaturePath = companions[0] as string

/** A repomd.xml's signature as it was sent. */
export type SignatureFile = { bytes: Buffer; sha256: string; validators: Validators }

/** Whether looks at an upstream ask for its signature: to publish it, or to believe what it signs. */
export function readsSignature({ metadata, repoGpgcheck, ...repo }: Repo): boolean {
  return metadata === 'upstream' || (repoGpgcheck && !isIndex(repo))
}

/** Whether what stands for the upstream is an index that was made here. */
export function isIndex({ local, merge }: Pick<Repo, 'local' | 'merge'>): boolean {
  return local.length > 0 || merge.length > 0
}

/** The signature of the upstream's repomd.xml; undefined where it has none, `unchanged` where it is what is known of it. */
export async function fetchSignature(
  known: Validators,
  repo: Repo,
  upstream: Reachable,
  signal: AbortSignal,
): Promise<SignatureFile | 'unchanged' | undefined> {
  const document = await fetchIfThere(signaturePath, known, repo, upstream, signal)
  if (document === undefined || document === 'unchanged') return document
  const { bytes, validators } = document
  return { bytes, validators, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** Whether the upstream's signature is the one that was seen last, or there is still none: one conditional request. */
export async function isSignatureSeen(
  repo: Repo,
  upstream: Reachable,
  files: SeenFiles,
  signal: AbortSignal,
): Promise<boolean> {
  if (!readsSignature(repo)) return true
  const seen = files[signaturePath]
  const found = await fetchSignature(seen?.validators ?? {}, repo, upstream, signal)
  if (found === undefined) return seen === undefined
  return found === 'unchanged' || found.sha256 === seen?.sha256
}

/** A small file beside repomd.xml that not every upstream has. */
export async function fetchIfThere(
  path: string,
  known: Validators,
  { transfer }: Pick<Repo, 'transfer'>,
  upstream: Reachable,
  signal: AbortSignal,
): Promise<Document | 'unchanged' | undefined> {
  try {
    return (await fetchDocument(upstream, { path, known, limit: maxBytes }, transfer, signal)) ?? 'unchanged'
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
