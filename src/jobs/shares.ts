import type { Repo } from '../config/repo.ts'

/** A running job's claim on an upstream host. */
type Claim = { host: string; most: number; set: (connections: number) => void }

/**
 * Deals each host's connections evenly to the jobs that run against it, and deals again when one starts or ends, so
 * that a mirror is never asked for more than it was promised.
 */
export function connectionShares(maxPerHost: () => number) {
  const claims = new Set<Claim>()

  const share = (index: number, of: number): number =>
    Math.max(1, Math.floor(maxPerHost() / of) + (index < maxPerHost() % of ? 1 : 0))

  const deal = (host: string) => {
    const sharing = [...claims].filter((claim) => claim.host === host)
    for (const [i, claim] of sharing.entries()) claim.set(Math.min(claim.most, share(i, sharing.length)))
  }

  return {
    /** Joins a job; returns how it leaves again. `set` is called at once and whenever its share changes. */
    join(claim: Claim): () => void {
      claims.add(claim)
      deal(claim.host)
      return () => {
        claims.delete(claim)
        deal(claim.host)
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
