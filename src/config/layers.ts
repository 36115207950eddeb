import type { Place } from './mistakes.ts'
import type { RepoKeys } from './schema.ts'
import { label, part, type Tree } from './tree.ts'

/** Keys that stand together in a file, where they are written, and what messages call them. */
export type Block<Keys> = { label: string; keys: Keys; tree: Tree }

/** A block with settings of a repository: its own, or the defaults of an include or of the whole configuration. */
export type Layer = Block<RepoKeys>

/** A value, where it is written, and what messages call it. */
export type Written<T> = { value: T; place: Place; called: string }

/** A block further inside another one, with its keys or without any. */
export function blockIn<Keys extends object>(
  outer: Block<unknown>,
  path: readonly (string | number)[],
  keys: Keys | undefined,
): Block<Partial<Keys>> {
  return { label: label(outer.label, ...path), keys: keys ?? {}, tree: part(outer.tree, ...path) }
}

/** A value of a block with its place, or that of the block when the key is left out. */
export function written<T>(block: Block<unknown>, key: string, value: T): Written<T> {
  const tree = block.tree.within.get(key)
  return { value, place: tree?.place ?? block.tree.keyPlace, called: label(block.label, key) }
}

/** The items of a block's list; those of a list in one string have one place. */
export function writtenItems(block: Block<unknown>, key: string, items: readonly string[] = []): Written<string>[] {
  return items.map((value, i) => {
    const item = part(block.tree, key).within.get(String(i))
    return item === undefined
      ? written(block, key, value)
      : { value, place: item.place, called: label(block.label, key, i) }
  })
}

/** The strongest layer that has one of the keys; layers come strongest first. */
export function layerWith(layers: readonly Layer[], ...keys: (keyof RepoKeys)[]): Layer | undefined {
  return layers.find((layer) => keys.some((key) => layer.keys[key] !== undefined))
}

/** The value that counts for a key. */
export function setting<Key extends keyof RepoKeys>(layers: readonly Layer[], key: Key): RepoKeys[Key] {
  return layerWith(layers, key)?.keys[key]
}

/** The items of the list that counts for a key. */
export function listSetting(
  layers: readonly Layer[],
  key: 'arch' | 'includepkgs' | 'excludepkgs' | 'extra_files' | 'gpgkey' | 'fingerprints',
): Written<string>[] {
  const layer = layerWith(layers, key)
  return layer === undefined ? [] : writtenItems(layer, key, layer.keys[key])
}
