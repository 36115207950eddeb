import { providersOf, type Requirement } from '../../repodata/closure/relations.ts'
import { formatCapability } from '../../rpm/capability.ts'
import { capabilitiesOf } from '../../rpm/rich.ts'
import { addFiles, unknownPaths } from './files.ts'
import { type Gathered, gather, type View } from './gather.ts'

/** A requirement that nothing provides, as spec files have it, and the package that has it. */
export type Unresolved = {
  nevra: string
  requirement: string
  /** The names in it, where no version of any of them is provided: then it may be another repository's. */
  foreign: string | undefined
}

/**
 * What `dnf repoclosure` says of a repository for hosts of a basearch: each requirement of its packages that no package that
 * these hosts can install provides, of it or of the others (dnf-plugins-core, plugins/repoclosure.py). Build requirements
 * of source packages count too, and source packages provide nothing.
 * @throws E_XML, E_PRIMARY and what reading a document throws
 */
export async function unresolvable(view: View, basearch: string): Promise<Unresolved[]> {
  const gathered = await gather(view, basearch)
  const paths = unknownPaths(gathered.relations)
  if (paths.size > 0) for (const documents of [view.checked, ...view.others]) await addFiles(paths, documents, gathered)
  return [...unresolvedOf(gathered)]
}

/**
 * What cannot be resolved after a change and was not missing before: neither that requirement, nor what is foreign after as
 * it was before, whatever version is asked for. Without a view before, what is foreign does not count either.
 */
export async function newlyUnresolvable(
  before: View | undefined,
  after: View,
  basearch: string,
): Promise<Unresolved[]> {
  const missing = await unresolvable(after, basearch)
  if (missing.length === 0) return []
  if (before === undefined) return missing.filter(({ foreign }) => foreign === undefined)
  const past = await unresolvable(before, basearch)
  const requirements = new Set(past.map(({ requirement }) => requirement))
  const foreigners = new Set(past.map(({ foreign }) => foreign))
  return missing.filter(
    ({ requirement, foreign }) => !requirements.has(requirement) && (foreign === undefined || !foreigners.has(foreign)),
  )
}

function* unresolvedOf({ relations, nevras }: Gathered): Generator<Unresolved> {
  const missing = new Map<Requirement, Omit<Unresolved, 'nevra'> | undefined>()
  for (const [row, nevra] of nevras.entries())
    for (const requirement of new Set(relations.wants[row])) {
      if (!missing.has(requirement)) missing.set(requirement, isProvided(requirement) ? undefined : told(requirement))
      const found = missing.get(requirement)
      if (found !== undefined) yield { nevra, ...found }
    }

  function isProvided({ terms }: Requirement): boolean {
    return terms.some((term) => providersOf(term, relations).length > 0)
  }

  function told({ capability, terms }: Requirement): Omit<Unresolved, 'nevra'> {
    const names = capabilitiesOf(terms).map(({ name }) => name)
    const isForeign = names.every((name) => !relations.providers.has(name))
    return { requirement: formatCapability(capability), foreign: isForeign ? names.join(' ') : undefined }
  }
}
