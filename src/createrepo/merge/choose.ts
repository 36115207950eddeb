import { compareEvr } from '../../rpm/evr.ts'
import type { Entry } from './entries.ts'

/**
 * Which of several packages of one name and arch is taken (mergerepo_c, src/mergerepo_c.c 398-560): `repo` the first
 * repository's, `ts` the one whose file is newest, `nvr` the highest version, `all` the first of each version, `simple`
 * each of them.
 */
export type Method = 'repo' | 'ts' | 'nvr' | 'all' | 'simple'

/**
 * The packages that are taken, in the order of what is written: by name, href and base. mergerepo_c meets packages of one
 * repository in no particular order, and with `repo` takes any version of it; here it is the newest.
 */
export function choose(entries: Iterable<Entry>, method: Method): Entry[] {
  const taken = new Map<string, Entry[]>()
  for (const entry of entries) {
    const key = `${entry.name}\0${entry.arch}`
    const same = taken.get(key)
    if (same === undefined) taken.set(key, [entry])
    else meet(entry, same, method)
  }
  return [...taken.values()].flat().sort(inOrder)
}

function meet(entry: Entry, same: Entry[], method: Method): void {
  const first = same[0] as Entry
  if (method === 'simple' || (method === 'all' && same.every((other) => compareEvr(entry, other) !== 0)))
    same.push(entry)
  else if (method !== 'all' && isBetter(entry, first, method)) same[0] = entry
}

function isBetter(entry: Entry, other: Entry, method: 'repo' | 'ts' | 'nvr'): boolean {
  if (method === 'ts') return entry.fileTime > other.fileTime
  return (method === 'nvr' || entry.source === other.source) && compareEvr(entry, other) > 0
}

function inOrder(a: Entry, b: Entry): number {
  return compare(a.name, b.name) || compare(a.href, b.href) || compare(a.base ?? '', b.base ?? '')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
