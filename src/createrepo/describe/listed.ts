import { MirrorError } from '../../errors.ts'
import type { DependencyKind } from '../../repodata/package.ts'
import type { Header } from '../../rpm/header.ts'
import { tag } from '../../rpm/tags.ts'

/** One dependency as a header lists it. */
export type Listed = { name: string; flags: number; version: string }

/** The dependencies of a header; the last two are SUSE's weak ones, from before rpm had any. */
export type ListedDependencies = Record<DependencyKind | 'oldSuggests' | 'oldEnhances', Listed[]>

/** Where each list stands: names, flags, versions. */
const tags: Record<keyof ListedDependencies, [number, number, number]> = {
  provides: [tag.provideName, tag.provideFlags, tag.provideVersion],
  requires: [tag.requireName, tag.requireFlags, tag.requireVersion],
  conflicts: [tag.conflictName, tag.conflictFlags, tag.conflictVersion],
  obsoletes: [tag.obsoleteName, tag.obsoleteFlags, tag.obsoleteVersion],
  suggests: [tag.suggestName, tag.suggestFlags, tag.suggestVersion],
  enhances: [tag.enhanceName, tag.enhanceFlags, tag.enhanceVersion],
  recommends: [tag.recommendName, tag.recommendFlags, tag.recommendVersion],
  supplements: [tag.supplementName, tag.supplementFlags, tag.supplementVersion],
  oldSuggests: [tag.oldSuggestsName, tag.oldSuggestsFlags, tag.oldSuggestsVersion],
  oldEnhances: [tag.oldEnhancesName, tag.oldEnhancesFlags, tag.oldEnhancesVersion],
}

/** Every list of dependencies of a header; one of which a part is missing is empty. */
export function listDependencies(header: Header): ListedDependencies {
  const lists = {} as ListedDependencies
  for (const kind of kinds) lists[kind] = header.has(tags[kind][0]) ? listOf(header, kind, ...tags[kind]) : []
  return lists
}

const kinds = Object.keys(tags) as (keyof ListedDependencies)[]

function listOf(header: Header, kind: string, name: number, flag: number, version: number): Listed[] {
  const names = header.strings(name)
  const flags = header.numbers(flag)
  const versions = header.strings(version)
  if (names === undefined || flags === undefined || versions === undefined) return []
  equalLengths(kind, names, flags, versions)
  return names.map((each, i) => ({ name: each, flags: flags[i] as number, version: versions[i] as string }))
}

/** Lists that describe the same things must be of one length. @throws E_RPM */
export function equalLengths(what: string, first: readonly unknown[], ...others: (readonly unknown[])[]): void {
  if (others.every((list) => list.length === first.length)) return
  const lengths = [first, ...others].map((list) => list.length)
  throw new MirrorError('E_RPM', `its lists of ${what} are of unequal lengths: ${lengths.join(', ')}`)
}
