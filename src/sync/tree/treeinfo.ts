import { createHash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import type { SeenFiles, Validators } from '../../store/looks.ts'
import { isGone } from '../../upstream/retry.ts'
import { shown } from '../../upstream/transport.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { type Document, fetchDocument } from '../document.ts'

/** What a treeinfo may be called; the first that is there counts, as for installers. */
export const treeinfoNames = ['.treeinfo', 'treeinfo'] as const

/** An upstream's treeinfo as it was sent. */
export type TreeinfoFile = { name: string; bytes: Buffer; sha256: string; validators: Validators }

/** Beyond this the reader would refuse it. */
const maxBytes = 1024 * 1024

/** Whether a repository mirrors its upstream's kickstart tree; one of local folders or several upstreams has none. */
export function mirrorsTree({ kickstart, local, merge }: Pick<Repo, 'kickstart' | 'local' | 'merge'>): boolean {
  return kickstart !== 'no' && local.length === 0 && merge.length === 0
}

/** The upstream's treeinfo; undefined where it has none or it is not mirrored. @throws E_HTTP where it must have one */
export async function fetchTreeinfo(
  repo: Repo,
  upstream: Upstream,
  signal: AbortSignal,
): Promise<TreeinfoFile | undefined> {
  if (!mirrorsTree(repo)) return undefined
  const there = await firstThere(repo, upstream, {}, signal)
  if (there?.document === undefined) return undefined
  const { name, document } = there
  const { bytes, validators } = document
  return { name, bytes, sha256: sha256Of(bytes), validators }
}

/** Whether the upstream's treeinfo is the one that was seen last, or there is still none: one conditional request. */
export async function isTreeinfoSeen(
  repo: Repo,
  upstream: Upstream,
  files: SeenFiles,
  signal: AbortSignal,
): Promise<boolean> {
  if (!mirrorsTree(repo)) return true
  const seen = treeinfoNames.find((name) => files[name] !== undefined)
  const there = await firstThere(repo, upstream, files, signal)
  if (there?.name !== seen) return false
  return there?.document === undefined || sha256Of(there.document.bytes) === files[there.name]?.sha256
}

/** The name that the upstream has, with the document unless it is what is known of it. */
async function firstThere(
  { kickstart, transfer }: Repo,
  upstream: Upstream,
  known: SeenFiles,
  signal: AbortSignal,
): Promise<{ name: string; document: Document | undefined } | undefined> {
  for (const name of treeinfoNames) {
    try {
      const asked = { path: name, known: known[name]?.validators ?? {}, limit: maxBytes }
      return { name, document: await fetchDocument(upstream, asked, transfer, signal) }
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  if (kickstart === 'auto') return undefined
  const base = shown(upstream.mirrors.urls[0] as URL)
  const message = `${base} has neither .treeinfo nor treeinfo, and kickstart: yes asks for one; say auto or no`
  throw new MirrorError('E_HTTP', message)
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
