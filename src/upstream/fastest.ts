import type { ConnectTime } from './connectTime.ts'
import type { Mirrors } from './mirrors.ts'

/** What earlier runs measured, by origin: milliseconds, or infinite where there was no connection; undefined is unknown. */
export type KnownTimes = (origin: string) => number | undefined

/** So many mirrors are measured, each with one connection: as many as are used of a list. */
const most = 32

/**
 * Puts the mirrors of a list into the order in which they let us connect, as librepo does for `fastestmirror`. What no earlier
 * run has measured is measured now, all at once. Once files have come from a mirror its rate counts, not this.
 * @returns what was measured now, by origin
 */
export async function orderByConnectTime(
  mirrors: Mirrors,
  known: KnownTimes,
  connectTime: ConnectTime,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const origins = [...new Set(mirrors.all.filter(({ isListed }) => isListed).map(({ url }) => url.origin))]
  const unknown = origins.filter((origin) => known(origin) === undefined).slice(0, most)
  const measure = async (origin: string) => [origin, await connectTime(new URL(origin), signal)] as const
  const measured = new Map(await Promise.all(unknown.map(measure)))
  signal.throwIfAborted()
  mirrors.order((url) => measured.get(url.origin) ?? known(url.origin) ?? Number.POSITIVE_INFINITY)
  return measured
}
