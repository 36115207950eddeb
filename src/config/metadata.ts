import { knownArches } from '../arch.ts'
import { type Layer, layerWith, setting, written } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import type { Repo } from './repo.ts'
import type { RepoKeys } from './schema.ts'

/** What of a repository depends on whose metadata is published. */
type Parts = Pick<Repo, 'metadata' | 'layout' | 'selection'>

/**
 * Judges `metadata: upstream`, which names all packages and each file by upstream's own href: settings that ask for
 * something else are mistakes, and what is left unsaid asks for everything.
 */
export function withMetadata<Judged extends Omit<Parts, 'metadata'>>(
  repo: Judged,
  layers: readonly Layer[],
  mistakes: Mistakes,
): Judged & Parts {
  const [own] = layers as [Layer]
  const layer = layerWith(layers, 'metadata')
  const several = ['local', 'merge'].find((key) => own.tree.within.has(key))
  if (layer?.keys.metadata !== 'upstream' || (several !== undefined && layer !== own))
    return { ...repo, metadata: 'generate' }
  if (several !== undefined) {
    const what = `with ${several} there is no one upstream whose metadata could be published`
    mistakes.about(written(own, 'metadata', ''), what, 'leave it out')
  }
  for (const [key, isMeant] of others) {
    const asked = layerWith(layers, key)
    if (asked === undefined || !isMeant(asked.keys, repo)) continue
    const what = 'metadata: upstream publishes what upstream has, as it is'
    mistakes.about(written(asked, key, ''), what, 'leave it out, or write metadata: generate')
  }
  const arch = layerWith(layers, 'arch') === undefined ? [...knownArches] : repo.selection.arch
  const source = setting(layers, 'source') ?? 'also'
  return { ...repo, metadata: 'upstream', layout: 'upstream', selection: { ...repo.selection, arch, source } }
}

/** Keys by which something else is published, and whether what they say does that. */
const others: [keyof RepoKeys, (keys: RepoKeys, repo: Pick<Parts, 'selection'>) => boolean][] = [
  ['newest_only', ({ newest_only: newestOnly }, { selection }) => newestOnly === true && selection.keep !== undefined],
  ['keep', (_, { selection }) => selection.keep !== undefined],
  ['includepkgs', ({ includepkgs = [] }) => includepkgs.length > 0],
  ['excludepkgs', ({ excludepkgs = [] }) => excludepkgs.length > 0],
  ['debug', ({ debug }) => debug !== 'also'],
  ['min_age', ({ min_age: minAge }) => minAge !== 0],
  ['min_buildtime', () => true],
  ['duplicates', ({ duplicates }) => duplicates === 'newest'],
  ['removed', ({ removed }) => removed?.policy === 'keep'],
  ['updateinfo', ({ updateinfo }) => updateinfo === 'present'],
  ['comps', ({ comps }) => comps === 'present'],
  ['groupfile', ({ groupfile }) => groupfile !== undefined && groupfile !== 'no'],
  ['on_missing', ({ on_missing: onMissing }) => onMissing === 'prune'],
  ['layout', ({ layout }) => layout === 'packages'],
  ['compression', ({ compression }) => compression !== 'upstream'],
  ['compat', ({ compat }) => compat !== 'modern'],
  ['databases', ({ databases }) => databases === true],
  ['sign', ({ sign }) => sign !== undefined && sign !== 'no'],
]
