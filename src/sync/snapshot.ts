import { createHash } from 'node:crypto'
import { parseRepomd, type Repomd } from '../repodata/repomd.ts'
import type { Validators } from '../store/looks.ts'
import type { RetryPolicy } from '../upstream/retry.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { fetchDocument } from './document.ts'
import type { TreeinfoFile } from './tree/treeinfo.ts'

export type { Validators }

/**
 * One upstream repomd.xml: everything that a run takes from the upstream is named by it, directly or not, but for the
 * files of a kickstart tree, which its treeinfo names.
 */
export type Snapshot = {
  bytes: Buffer
  sha256: string
  repomd: Repomd
  validators: Validators
  /** Where the tree is mirrored and has been looked for. */
  treeinfo?: TreeinfoFile | undefined
}

const maxRepomdBytes = 16 * 1024 * 1024

/**
 * Fetches repomd.xml; undefined when the server says that it is what the validators name.
 * @throws E_NOT_REPOMD for anything else sent in its place
 */
export async function fetchSnapshot(
  upstream: Upstream,
  known: Validators,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const asked = { path: 'repodata/repomd.xml', known, limit: maxRepomdBytes }
  return await fetchDocument(upstream, asked, policy, signal, ({ bytes, validators }) => snapshotOf(bytes, validators))
}

/** A snapshot of bytes that another process fetched. */
export function snapshotOf(bytes: Buffer, validators: Validators): Snapshot {
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { bytes, validators, sha256, repomd: parseRepomd(bytes) }
}
