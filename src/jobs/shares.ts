import type { Throttle } from '../config/paceKeys.ts'
import type { Repo } from '../config/repo.ts'
import { listedDownloads } from '../upstream/mirrors.ts'

/** A running job's claim on an upstream host; undefined is any host, where a list names the mirrors. */
export type Claim = {
  host: string | undefined
  most: number
  /** What it may have at most of the bandwidth. */
  throttle?: Throttle | undefined
  set: SetShare
}

/** Told to a job: its connections, and its bytes per second where these are limited. */
export type SetShare = (connections: number, perSecond: number | undefined) => void

/**
 * Deals each host's connections evenly to the jobs that run against it, and deals again when one starts or ends, so
 * that a mirror is never asked for more than it was promised. Nobody knows beforehand which hosts a list names: its job has
 * few connections to any one of them, and these are kept from everybody else's. The bandwidth is dealt over all hosts.
 */
export function connectionShares(maxPerHost: () => number, bandwidth: () => number | undefined = () => undefined) {
  const claims = new Set<Claim>()
  const last = new Map<Claim, string>()

  const told = (claim: Claim, connections: number, perSecond: number | undefined) => {
    const now = `${connections} ${perSecond}`
    if (last.get(claim) !== now) claim.set(connections, perSecond)
    last.set(claim, now)
  }

  const dealEvenly = (sharing: readonly Claim[], connections: number, rates: ReadonlyMap<Claim, number>) => {
    for (const [i, claim] of sharing.entries()) {
      const extra = i < connections % sharing.length ? 1 : 0
      const even = Math.max(1, Math.floor(connections / sharing.length) + extra)
      told(claim, Math.min(claim.most, even), rates.get(claim))
    }
  }

  const deal = () => {
    const rates = dealtRates([...claims], bandwidth())
    const byHost = Map.groupBy(claims, ({ host }) => host)
    const listed = byHost.get(undefined) ?? []
    byHost.delete(undefined)
    const fair = Math.floor(maxPerHost() / (listed.length + (byHost.size > 0 ? 1 : 0)))
    let left = maxPerHost()
    for (const claim of listed) {
      const share = Math.max(1, Math.min(claim.most, fair))
      told(claim, share, rates.get(claim))
      left -= share
    }
    for (const sharing of byHost.values()) dealEvenly(sharing, Math.max(1, left), rates)
  }

  return {
    /** Joins a job; returns how it leaves again. `set` is called at once and whenever a job comes or goes. */
    join(claim: Claim): () => void {
      claims.add(claim)
      deal()
      return () => {
        claims.delete(claim)
        last.delete(claim)
        deal()
      }
    },
  }
}

export type ConnectionShares = ReturnType<typeof connectionShares>

/** Which host's connections a repository claims, and how many at most. */
export function claimOf({ baseurl, merge, list, mirrored, transfer }: Repo): Omit<Claim, 'set'> {
  const { throttle, maxParallelDownloads: most } = transfer
  if (list !== undefined) return { host: undefined, most: mirrored.maxDownloadsPerMirror ?? listedDownloads, throttle }
  const [first] = [...merge, ...baseurl]
  return { host: first === undefined ? '' : new URL(first).host, most, throttle }
}

/** Each claim's bytes per second: an even share of the bandwidth, and of what others may not use. */
function dealtRates(claims: readonly Claim[], bandwidth: number | undefined): Map<Claim, number> {
  const limits = claims.map((claim) => ({ claim, limit: limitOf(claim.throttle, bandwidth) }))
  if (bandwidth === undefined)
    return new Map(limits.flatMap(({ claim, limit }) => (limit === undefined ? [] : [[claim, limit] as const])))
  const ascending = limits.sort((a, b) => (a.limit ?? Infinity) - (b.limit ?? Infinity))
  const rates = new Map<Claim, number>()
  let left = bandwidth
  for (const [i, { claim, limit = Infinity }] of ascending.entries()) {
    const rate = Math.min(limit, left / (ascending.length - i))
    rates.set(claim, rate)
    left -= rate
  }
  return rates
}

/** A throttle in bytes per second; a part of a bandwidth that has no limit is none. */
export function limitOf(throttle: Throttle | undefined, bandwidth: number | undefined): number | undefined {
  if (throttle === undefined || 'unlimited' in throttle) return undefined
  if ('bytes' in throttle) return throttle.bytes
  return bandwidth === undefined ? undefined : (bandwidth * throttle.percent) / 100
}
