import type { Around, Entry } from './entry.ts'
import { includedEntries } from './include.ts'
import { type Block, blockIn } from './layers.ts'
import { matrixOf } from './matrix.ts'
import type { Mistakes } from './mistakes.ts'
import type { ConfigKeys, RepoKeys } from './schema.ts'
import { isMap, mapValue, pruned, scalarText, type Tree } from './tree.ts'
import { yesNo } from './units.ts'
import { checkedVars, layered, type Variables } from './variables.ts'

/** The tree without the repositories that are switched off: nothing in them is judged, as in a .repo file. */
export function withoutDisabled(tree: Tree): Tree {
  const repos = tree.within.get('repos')
  if (repos === undefined || !isMap(repos)) return tree
  const enabled = pruned(repos, (_, { within }) => yesNo.read(scalarText(within.get('enabled'))) !== false)
  const within = new Map(tree.within).set('repos', enabled)
  return { ...tree, within, value: mapValue(within) }
}

/** Every entry of the configuration and of the .repo files that it includes; `variables` are the global ones. */
export async function entriesOf(config: Block<ConfigKeys>, variables: Variables, mistakes: Mistakes): Promise<Entry[]> {
  const around = { defaults: [blockIn(config, ['defaults'], config.keys.defaults)], variables, mistakes }
  const entries = Object.entries(config.keys.repos ?? {}).map(([id, keys]) => {
    return yamlEntry(id, blockIn(config, ['repos', id], keys), around)
  })
  for (const [i, keys] of (config.keys.include ?? []).entries()) {
    entries.push(...(await includedEntries(blockIn(config, ['include', i], keys), around)))
  }
  return entries
}

function yamlEntry(id: string, own: Block<RepoKeys>, { defaults, variables, mistakes }: Around): Entry {
  const vars = checkedVars(own, mistakes)
  return { id, own, defaults, variables: layered(variables, vars), matrix: matrixOf(own, mistakes) }
}
