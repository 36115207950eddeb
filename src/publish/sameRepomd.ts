import { isDeepStrictEqual } from 'node:util'
import type { Repomd, RepomdRecord } from '../repodata/repomd.ts'

/**
 * Whether two repomd.xml say the same of the repository, in whichever order: everything but the revision and the
 * timestamps (createrepo_c, src/repomd.c 964-1101).
 */
export function saysTheSame(one: Repomd, other: Repomd): boolean {
  return sameItems(one.tags, other.tags) && sameItems(one.records.map(untimed), other.records.map(untimed))
}

function untimed({ header, base, ...record }: RepomdRecord): object {
  return { ...record, header, base, timestamp: 0 }
}

function sameItems(some: readonly object[], others: readonly object[]): boolean {
  if (some.length !== others.length) return false
  const left = [...others]
  return some.every((item) => {
    const at = left.findIndex((other) => isDeepStrictEqual(item, other))
    if (at !== -1) left.splice(at, 1)
    return at !== -1
  })
}
