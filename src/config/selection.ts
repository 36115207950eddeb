import { compatibleArches, isSource, knownArches } from '../arch.ts'
import { type Layer, layerWith, listSetting, setting, type Written, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Selection } from './repo.ts'
import type { Substitute } from './substitute.ts'
import { nearest } from './suggest.ts'

/** Which packages a repository wants; its basearch stands in for `arch:` when that is left out. */
export function selectionOf(
  layers: readonly Layer[],
  basearch: string,
  substitute: Substitute,
  mistakes: Mistakes,
): Selection {
  const substituted = (list: Written<string>[]) => list.flatMap((item) => substitute(item) ?? [])
  const keep = keepOf(layers, mistakes)
  const hasArch = layerWith(layers, 'arch') !== undefined
  return {
    arch: hasArch ? givenArches(layers, substitute, mistakes) : defaultArches(layers, basearch, mistakes),
    includepkgs: substituted(listSetting(layers, 'includepkgs')),
    excludepkgs: substituted(listSetting(layers, 'excludepkgs')),
    withDeps: setting(layers, 'with_deps') ?? 'no',
    newestOnly: keep === 1,
    keep,
    source: setting(layers, 'source') ?? 'no',
    debug: setting(layers, 'debug') ?? 'also',
    minBuildTime: setting(layers, 'min_buildtime'),
    minAgeMs: setting(layers, 'min_age') ?? 0,
    age: setting(layers, 'age') ?? 'first_seen',
  }
}

/** `newest_only` and `keep` say the same thing, so that the strongest layer with either decides. */
function keepOf(layers: readonly Layer[], mistakes: Mistakes): number | undefined {
  const layer = layerWith(layers, 'keep', 'newest_only')
  if (layer === undefined) return undefined
  const { keep, newest_only: newestOnly } = layer.keys
  if (keep !== undefined && newestOnly !== undefined && newestOnly !== (keep === 1)) {
    const not = newestOnly ? '' : 'not '
    mistakes.about(written(layer, 'keep', keep), `newest_only says ${not}1, keep says ${keep}`, 'leave one of them out')
  }
  return keep ?? (newestOnly ? 1 : undefined)
}

function givenArches(layers: readonly Layer[], substitute: Substitute, mistakes: Mistakes): string[] {
  const arches = listSetting(layers, 'arch').flatMap((item) => {
    const value = substitute(item)
    if (value === undefined) return []
    checkArch({ ...item, value }, mistakes)
    return [value]
  })
  return [...new Set([...arches, 'noarch'])]
}

function checkArch(arch: Written<string>, mistakes: Mistakes): void {
  if (isSource(arch.value)) mistakes.about(arch, `${arch.value} is no arch to select`, 'write source: also or only')
  else if (!knownArches.has(arch.value))
    mistakes.about(arch, `unknown arch ${quoted(arch.value)}`, () => advice(arch.value))
}

/** Everything that the basearch can install; one that nobody knows can be asked for by `arch:` only. */
function defaultArches([own]: readonly Layer[], basearch: string, mistakes: Mistakes): string[] {
  const arches = compatibleArches(basearch)
  if (arches.length < 3 && !knownArches.has(basearch)) {
    const { keyPlace: place } = own!.tree
    mistakes.about({ place, called: own!.label }, `unknown basearch ${quoted(basearch)}`, () => advice(basearch))
  }
  return arches
}

function advice(arch: string): string {
  const meant = nearest(arch, knownArches)
  return meant === undefined ? 'write it as rpm does, such as x86_64' : `did you mean ${meant}?`
}
