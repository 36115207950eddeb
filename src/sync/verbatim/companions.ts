import { createHash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import { companions } from '../../publish/fixedNames.ts'
import { readLook, type SeenFiles, type Validators } from '../../store/looks.ts'
import { isGone } from '../../upstream/retry.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { type Document, fetchDocument } from '../document.ts'
import type { Run } from '../run.ts'
import type { Snapshot } from '../snapshot.ts'
import type { TreeDocument } from '../tree/plan.ts'

/** Keys and signatures have some kilobytes. */
const maxBytes = 1024 * 1024

const [signature] = companions as [string, string]

/**
 * The signature of the upstream's repomd.xml and the key beside it, where it has them.
 * @throws E_MOVING where the signature is still that of the repomd.xml before, as in the middle of a publication
 */
export async function fetchCompanions({ sha256 }: Snapshot, run: Run): Promise<TreeDocument[]> {
  const { repo, upstream, state, signal } = run
  const before = readLook(state.database, run.row)
  const found: TreeDocument[] = []
  for (const path of companions) {
    const document = await fetchIfThere(path, {}, repo, upstream, signal)
    if (document === undefined || document === 'unchanged') continue
    if (path === signature && before?.repomd !== sha256 && isSeen(before?.files[path], document))
      throw new MirrorError(
        'E_MOVING',
        `${path} is still the signature of the repomd.xml before; run again when the upstream has signed the new one, or write metadata: generate`,
      )
    found.push({ path, kind: 'extra', bytes: document.bytes, validators: document.validators })
  }
  return found
}

/** Whether the upstream's signature is the one that was seen last, or there is still none: one conditional request. */
export async function isSignatureSeen(
  repo: Repo,
  upstream: Upstream,
  files: SeenFiles,
  signal: AbortSignal,
): Promise<boolean> {
  if (repo.metadata !== 'upstream') return true
  const seen = files[signature]
  const document = await fetchIfThere(signature, seen?.validators ?? {}, repo, upstream, signal)
  if (document === undefined) return seen === undefined
  return document === 'unchanged' || isSeen(seen, document)
}

function isSeen(seen: SeenFiles[string] | undefined, { bytes }: Document): boolean {
  return seen?.sha256 === createHash('sha256').update(bytes).digest('hex')
}

async function fetchIfThere(
  path: string,
  known: Validators,
  { transfer }: Repo,
  upstream: Upstream,
  signal: AbortSignal,
): Promise<Document | 'unchanged' | undefined> {
  try {
    return (await fetchDocument(upstream, { path, known, limit: maxBytes }, transfer, signal)) ?? 'unchanged'
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}
