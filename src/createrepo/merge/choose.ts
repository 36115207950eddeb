import { compareEvr } from '../../rpm/evr.ts'
import type { Entry } from './entries.ts'

/**
 * Which of several packages of one name and arch is taken (mergerepo_c, src/mergerepo_c.c 398-560): `repo` the first
 * repository's, `ts` the one whose file is newest, `nvr` the highest version, `all` the first of each version, `simple`
 * each of them. Of our own are `distinct`, each content once, and `first`, of each version those of the first repository
 * that has it.
 */
export type Method = 'repo' | 'ts' | 'nvr' | 'all' | 'simple' | 'distinct' | 'first'

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
  if (method === 'repo' || method === 'ts' || method === 'nvr') {
    if (isBetter(entry, same[0] as Entry, method)) same[0] = entry
  } else if (same.every((other) => isApart(entry, other, method))) same.push(entry)
}

/** Whether two packages of one name and arch may both be taken. */
function isApart(entry: Entry, other: Entry, method: 'all' | 'simple' | 'distinct' | 'first'): boolean {
  if (method === 'simple') return true
  if (compareEvr(entry, other) !== 0) return true
  return (method === 'distinct' || (method === 'first' && entry.source === other.source)) && !isOneFile(entry, other)
}

/** Digests of two kinds cannot be compared: there the same version, built in the same second, is taken for one file. */
function isOneFile({ pkgid, buildTime }: Entry, other: Entry): boolean {
  return pkgid === other.pkgid || (pkgid.length !== other.pkgid.length && buildTime === other.buildTime)
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
