import { absolute } from './folders.ts'
import { type Layer, layerWith, type Written, written } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import type { SecretPlace } from './repo.ts'
import { secretVariables } from './secret.ts'
import type { Substitute } from './substitute.ts'

/** Keys that say where a secret is. */
export type PlaceKey = 'password_file' | 'bearer_token_file' | 'proxy_password_file'

/** The place that counts for a key; undefined where there is none. */
export function placeSetting(
  layers: readonly Layer[],
  key: PlaceKey,
  substitute: Substitute,
  mistakes: Mistakes,
): SecretPlace | undefined {
  const layer = layerWith(layers, key)
  const value = layer?.keys[key]
  return layer === undefined || value === undefined
    ? undefined
    : placeIn(written(layer, key, value), substitute, mistakes)
}

/** `env:NAME`, systemd's `credential:NAME`, or else a path. */
function placeIn(item: Written<string>, substitute: Substitute, mistakes: Mistakes): SecretPlace | undefined {
  const [, kind, name = ''] = /^(env|credential):(.*)$/s.exec(item.value) ?? []
  if (kind === undefined) {
    const path = absolute(item, substitute, mistakes)
    return path && { file: path.value }
  }
  if (kind === 'credential' && /^[\w.@-]{1,255}$/.test(name) && !/^\.\.?$/.test(name)) return { credential: name }
  if (kind === 'env' && /^[A-Za-z_]\w*$/.test(name)) {
    secretVariables.add(name)
    return { env: name }
  }
  const write = kind === 'env' ? 'write env:NAME' : "write credential:NAME with the name in systemd's LoadCredential="
  mistakes.about(item, `expected the place of a secret, found ${kind}: without a name`, write)
}
