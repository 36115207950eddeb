import { absolute } from './folders.ts'
import { type Layer, layerWith, type Written, written } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import type { Substitute } from './substitute.ts'

/** A file that the strongest layer names, by its absolute path; undefined for none, or for `no`, which switches it off. */
export function fileSetting(
  layers: readonly Layer[],
  key: 'on_publish' | 'on_failure' | 'groupfile',
  substitute: Substitute,
  mistakes: Mistakes,
): Written<string> | undefined {
  const layer = layerWith(layers, key)
  const path = layer?.keys[key]
  if (layer === undefined || path === undefined || path === 'no') return undefined
  return absolute(written(layer, key, path), substitute, mistakes)
}
