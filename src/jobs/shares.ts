import type { Throttle } from '../config/paceKeys.ts'
import type { Repo } from '../config/repo.ts'

/** A running job's claim on an upstream host. */
type Claim = {
  host: string
  most: number
  /** What it may have at most of the bandwidth. */
  throttle?: Throttle | undefined
  set: SetShare
}

/** Told to a job: its connections, and its bytes per second where these are limited. */
export type SetShare = (connections: number, perSecond: number | undefined) => void

/**
 * Deals each host's connections evenly to the jobs that run against it, and deals again when one starts or ends, so
 * that a mirror is never asked for more than it was promised. The bandwidth is dealt likewise, over all hosts.
 */
export function connectionShares(maxPerHost: () => number, bandwidth: () => number | undefined = () => undefined) {
  const claims = new Set<Claim>()
  const last = new Map<Claim, string>()

  const told = (claim: Claim, connections: number, perSecond: number | undefined) => {
    const now = `${connections} ${perSecond}`
    if (last.get(claim) !== now) claim.set(connections, perSecond)
    last.set(claim, now)
  }

  const share = (index: number, of: number): number =>
    Math.max(1, Math.floor(maxPerHost() / of) + (index < maxPerHost() % of ? 1 : 0))

  const deal = () => {
    const rates = dealtRates([...claims], bandwidth())
    for (const sharing of Map.groupBy(claims, (claim) => claim.host).values())
      for (const [i, claim] of sharing.entries())
        told(claim, Math.min(claim.most, share(i, sharing.length)), rates.get(claim))
  }

  return {
    /** Joins a job; returns how it leaves again. `set` is called at once and whenever its share changes. */
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

/** The host that a repository's files mostly come from; one name for all that have none. */
export function hostOf({ baseurl, merge }: Repo): string {
  const [first] = [...merge, ...baseurl]
  return first === undefined ? '' : new URL(first).host
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
