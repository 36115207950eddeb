import type { PackageList } from './documents.ts'

/** A `packages=` that is not the number of packages. */
export function problemsOfList(type: string, { count, packages }: PackageList): string[] {
  const found = String(packages.length)
  return count === found ? [] : [`${type}: packages="${count}" but it lists ${found}`]
}

/** Packages of primary that have no file, or share one with another package. */
export function problemsOfLocations({ packages }: PackageList): string[] {
  const pkgids = new Map<string, string>()
  return packages.flatMap(({ nevra, location, pkgid }) => {
    if (location === undefined) return [`primary: ${nevra} has no location`]
    const key = `${location.base ?? ''} ${location.href}`
    const other = pkgids.get(key) ?? pkgid
    pkgids.set(key, other)
    return other === pkgid ? [] : [`primary: two packages at ${location.href}`]
  })
}

/** How a list differs from primary, which clients read in step with it. */
export function problemsAgainstPrimary(type: string, list: PackageList, primary: PackageList): string[] {
  const missing = without(primary, list).map((name) => `${type}: lacks ${name}`)
  const extra = without(list, primary).map((name) => `${type}: has ${name}, which primary has not`)
  const problems = [...missing, ...extra]
  return problems.length > 0 ? problems : orderProblems(type, list, primary)
}

function without(list: PackageList, other: PackageList): string[] {
  const known = new Set(other.packages.map(key))
  return list.packages.filter((item) => !known.has(key(item))).map(key)
}

function orderProblems(type: string, list: PackageList, primary: PackageList): string[] {
  const at = primary.packages.findIndex((item, at) => key(item) !== keyAt(list, at))
  if (at < 0) return []
  return [`${type}: another order than primary, at ${at} ${keyAt(primary, at)} and ${keyAt(list, at)}`]
}

function keyAt({ packages }: PackageList, at: number): string {
  const item = packages[at]
  return item === undefined ? 'nothing' : key(item)
}

function key({ nevra, pkgid }: { nevra: string; pkgid: string }): string {
  return `${nevra} (${pkgid})`
}
