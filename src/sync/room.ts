import { statfsSync } from 'node:fs'
import { bytesText } from '../amounts.ts'
import { MirrorError } from '../errors.ts'
import { poolBytes } from '../store/content.ts'
import { reserve } from '../store/reservations.ts'
import type { Plan } from './plan.ts'
import type { Run } from './run.ts'
import { wantedPackages } from './wanted.ts'

/**
 * Fetches what a plan wants, if there is room for it: below `max_disk` and beside `min_free`, without what other syncs that
 * fetch now were promised.
 * @throws E_NOSPC before a package is fetched
 */
export async function withRoom<T>(plan: Plan, run: Run, fetch: () => Promise<T>): Promise<T> {
  const { state, repo } = run
  const needed = bytesToFetch(plan, run)
  if (needed === 0) return await fetch()
  const release = reserve(state.database, needed, (promised) => {
    checkFree(needed, promised, freeOf(state.state), repo.disk.minFree)
    if (repo.disk.max !== undefined) checkBudget(needed, promised, poolBytes(state.database), repo.disk.max)
  })
  try {
    return await fetch()
  } finally {
    release()
  }
}

/** What the pool lacks, as far as the metadata says how large it is. */
function bytesToFetch({ upstream: source, carried, tree }: Plan, { upstream, downloads, state }: Run): number {
  let bytes = 0
  for (const wanted of wantedPackages(source, upstream))
    if (downloads.present(wanted) === undefined) bytes += wanted.size ?? 0
  const isThere = state.database.prepare('SELECT 1 FROM content WHERE sha256 = ?')
  const isLacking = (hex: string) => hex.length !== 64 || isThere.get(Buffer.from(hex, 'hex')) === undefined
  for (const { checksum, size = 0 } of carried) if (isLacking(checksum.hex)) bytes += size
  for (const { digest, size = 0 } of tree.files) if (digest === undefined || isLacking(digest.hex)) bytes += size
  return bytes
}

/** Bytes that a user who is not root may fill; undefined where the file system does not say. */
function freeOf(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch {
    return undefined
  }
}

function checkFree(needed: number, promised: number, free: number | undefined, minFree: number): void {
  if (free === undefined || needed + promised + minFree <= free) return
  const stays = minFree > 0 ? `, min_free keeps ${bytesText(minFree)} of it` : ''
  throw new MirrorError(
    'E_NOSPC',
    `${needText(needed)}, ${bytesText(free)} is free${stays}${promisedText(promised)}; ${advice}`,
  )
}

function checkBudget(needed: number, promised: number, pool: number, max: number): void {
  if (needed + promised + pool <= max) return
  const budget = `the pool holds ${bytesText(pool)} of max_disk ${bytesText(max)}`
  throw new MirrorError('E_NOSPC', `${needText(needed)}, ${budget}${promisedText(promised)}; ${advice}`)
}

const advice = 'free some (mirror gc), select less, or raise the limit; nothing was fetched'

function needText(needed: number): string {
  return `${bytesText(needed)} is to be fetched`
}

function promisedText(promised: number): string {
  return promised > 0 ? `, ${bytesText(promised)} is promised to other syncs` : ''
}
