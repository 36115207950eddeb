import { compareEvr } from '../../rpm/evr.ts'
import { type Nevra, parseNevra } from '../../rpm/nevra.ts'
import type { Entry } from './entries.ts'

/**
 * The packages that Koji's merging lets in (mergerepo_c, src/koji.c): of each source package only what the first
 * repository that knows it was built from its newest version, nothing of a blocked one. A package without a source
 * package is let in.
 * @param simple only what is blocked is kept out
 */
export function allowedByKoji(repos: readonly Entry[][], blocked: ReadonlySet<string>, simple: boolean): Entry[] {
  const builds = new Map<string, Build>()
  for (const entries of repos) for (const entry of entries) note(entry, builds)
  const isAllowed = ({ sourceRpm }: Entry) => {
    if (sourceRpm === undefined) return true
    const name = parseNevra(sourceRpm)?.name
    if (name === undefined || blocked.has(name)) return false
    return simple || builds.get(name)?.sourceRpm === sourceRpm
  }
  const allowed = repos.flat().filter(isAllowed)
  return simple ? allowed : firstOfEach(allowed)
}

/** Packages that differ in their epoch alone have one file name, and Koji one package. */
function firstOfEach(entries: Entry[]): Entry[] {
  const seen = new Set<string>()
  return entries.filter(({ name, version, release, arch }) => {
    const nvra = `${name}-${version}-${release}.${arch}`
    return !seen.has(nvra) && seen.add(nvra)
  })
}

/** The version of a source package that is let in. */
type Build = { source: Entry['source']; sourceRpm: string; nevra: Nevra }

function note({ source, sourceRpm }: Entry, builds: Map<string, Build>): void {
  const nevra = sourceRpm === undefined ? undefined : parseNevra(sourceRpm)
  if (sourceRpm === undefined || nevra === undefined) return
  const known = builds.get(nevra.name)
  if (known === undefined || (known.source === source && compareEvr(nevra, known.nevra) > 0))
    builds.set(nevra.name, { source, sourceRpm, nevra })
}
