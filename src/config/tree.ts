import type { Place } from './mistakes.ts'

/**
 * A value of a configuration file and where it is written. Every scalar is its source text, so that `9.10` stays
 * `9.10`; `keyPlace` is that of the key in front of it, and `within` holds the keys of a map or the items of a list.
 */
export type Tree = { value: unknown; place: Place; keyPlace: Place; within: Map<string, Tree> }

/** What is written at a path, or the nearest thing around it. */
export function locate(tree: Tree, ...path: readonly PropertyKey[]): Tree {
  return writtenPath(tree, path).reduce((found, key) => found.within.get(String(key))!, tree)
}

/** As much of a path as is written: a list in one string has no items. */
export function writtenPath(tree: Tree, path: readonly PropertyKey[]): readonly PropertyKey[] {
  let found: Tree | undefined = tree
  const end = path.findIndex((key) => {
    found = found?.within.get(String(key))
    return found === undefined
  })
  return end < 0 ? path : path.slice(0, end)
}

/** What is written at a path, or an empty tree where nothing is. */
export function part(tree: Tree, ...path: readonly (string | number)[]): Tree {
  let found = tree
  for (const step of path) {
    const { place } = found
    found = found.within.get(String(step)) ?? { value: undefined, place, keyPlace: place, within: new Map() }
  }
  return found
}

/** A scalar's text; none for a list or a map. */
export function scalarText(tree: Tree | undefined): string {
  return typeof tree?.value === 'string' ? tree.value : ''
}

/** Whether keys and values stand here. */
export function isMap({ value }: Tree): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A map with only those of its keys that a condition keeps. */
export function pruned(tree: Tree, isKept: (key: string, tree: Tree) => boolean): Tree {
  const within = new Map([...tree.within].filter(([key, part]) => isKept(key, part)))
  return { ...tree, within, value: mapValue(within) }
}

/** The value of a map's tree, from those of its keys. */
export function mapValue(within: ReadonlyMap<string, Tree>): Record<string, unknown> {
  return Object.fromEntries([...within].map(([key, { value }]) => [key, value]))
}

/** `repos.appstream.baseurl[1]`. */
export function label(...path: readonly PropertyKey[]): string {
  const steps = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
  return steps.join('').replace(/^\.+/, '')
}
