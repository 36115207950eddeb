import { setTimeout as sleep } from 'node:timers/promises'
import type { Repo } from '../../config/repo.ts'
import type { Mirror } from '../../upstream/mirror.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { besideMs, fetchDocument } from '../document.ts'
import { type Edition, type Known, repomdAsked } from '../edition.ts'
import type { Judge } from '../trust/judge.ts'

/** What one mirror has; no edition where it is what its validators name. */
export type Found = { mirror: Mirror; edition: Edition | undefined }

type Asking = {
  /** What each mirror said of its repomd.xml before. */
  at: NonNullable<Known['at']>
  transfer: Repo['transfer']
  signal: AbortSignal
  read: Judge['read']
}

/**
 * Fetches repomd.xml from mirrors, from all at once and tried once each. When one has answered, the others get a little
 * time yet: one that is silent then is cut off and asked last from now on.
 */
export async function fetchFromSome(upstream: Upstream, mirrors: readonly Mirror[], asking: Asking): Promise<Found[]> {
  const { transfer, signal } = asking
  const found: Found[] = []
  const late = new AbortController()
  const silent = new Set(mirrors)
  const ends = AbortSignal.any([signal, late.signal])
  const tries = mirrors.map(async (mirror) => {
    try {
      found.push(await fetchFrom(upstream, mirror, { ...asking, signal: ends }))
    } finally {
      silent.delete(mirror)
    }
  })
  const all = Promise.allSettled(tries)
  await Promise.any(tries).catch(() => {})
  const waiting = new AbortController()
  await Promise.race([all, sleep(besideMs(transfer), undefined, { signal: waiting.signal }).catch(() => {})])
  waiting.abort()
  for (const mirror of silent) mirror.wasOvertaken()
  late.abort()
  await all
  signal.throwIfAborted()
  return found
}

async function fetchFrom(
  { mirrors, transport }: Upstream,
  mirror: Mirror,
  { at, transfer, signal, read }: Asking,
): Promise<Found> {
  const alone = { mirrors: mirrors.only(mirror), transport }
  const once = { ...transfer, retries: 0 }
  const edition = await fetchDocument(alone, repomdAsked(at[mirror.url.href] ?? {}), once, signal, read)
  return { mirror, edition }
}
