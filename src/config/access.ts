import { absolute } from './folders.ts'
import { type Layer, layerWith, setting, type Written, written, writtenItems } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import { wayOf } from './proxy.ts'
import type { Access, SecretPlace, UrlCredentials } from './repo.ts'
import { Secret } from './secret.ts'
import { type PlaceKey, placeSetting } from './secretPlace.ts'
import type { Substitute } from './substitute.ts'

type FileKey = 'sslcacert' | 'sslclientcert' | 'sslclientkey' | 'entitlement_folder'

/** Where subscription-manager puts what a host is entitled to. */
const entitlementFolder = '/etc/pki/entitlement'

const day = 86_400_000

/** What the layers say of access to an upstream, besides what stands in its URLs. */
export function accessOf(
  layers: readonly Layer[],
  urls: UrlCredentials[],
  substitute: Substitute,
  mistakes: Mistakes,
): Access {
  const fileOf = (key: FileKey) => fromLayer(layers, key, (item) => absolute(item, substitute, mistakes)?.value)
  const placeOf = (key: PlaceKey) => placeSetting(layers, key, substitute, mistakes)
  const tls = {
    verify: setting(layers, 'sslverify') ?? true,
    ca: fileOf('sslcacert'),
    clientCert: fileOf('sslclientcert'),
    clientKey: fileOf('sslclientkey'),
  }
  const name = setting(layers, 'username')
  const password = passwordOf(layers, placeOf, mistakes)
  const ipVersion = setting(layers, 'ip_resolve')
  check(layers, tls, name, mistakes)
  const folder = fileOf('entitlement_folder') ?? entitlementFolder
  return {
    urls,
    login: name === undefined ? undefined : { username: name, password },
    bearer: placeOf('bearer_token_file'),
    headers: headersOf(layers),
    tls,
    entitlement: setting(layers, 'entitlement') === 'auto' ? { folder } : undefined,
    certificateWarningMs: setting(layers, 'certificate_warning') ?? 30 * day,
    ipVersion: ipVersion === 'any' ? undefined : ipVersion,
    privateNetworks: setting(layers, 'private_networks') ?? [],
    way: wayOf({ layers, substitute, mistakes }),
  }
}

/** What is made of the value that counts for a key; undefined where there is none. */
function fromLayer<T>(layers: readonly Layer[], key: FileKey, make: (item: Written<string>) => T): T | undefined {
  const layer = layerWith(layers, key)
  const value = layer?.keys[key]
  return layer === undefined || value === undefined ? undefined : make(written(layer, key, value))
}

function passwordOf(
  layers: readonly Layer[],
  placeOf: (key: 'password_file') => SecretPlace | undefined,
  mistakes: Mistakes,
): Secret | SecretPlace | undefined {
  const layer = layerWith(layers, 'password', 'password_file')
  const { password, password_file: place } = layer?.keys ?? {}
  if (password !== undefined && place !== undefined)
    mistakes.about(
      written(layer as Layer, 'password', ''),
      'password and password_file exclude each other',
      'leave one',
    )
  return password === undefined ? placeOf('password_file') : new Secret(password)
}

function headersOf(layers: readonly Layer[]): Access['headers'] {
  const layer = layerWith(layers, 'http_headers')
  const items = layer === undefined ? [] : writtenItems(layer, 'http_headers', layer.keys.http_headers)
  return items.map(({ value }) => {
    const colon = value.indexOf(':')
    return { name: value.slice(0, colon).toLowerCase(), value: new Secret(value.slice(colon + 1).trim()) }
  })
}

function check(layers: readonly Layer[], tls: Access['tls'], username: string | undefined, mistakes: Mistakes): void {
  const orphan = layerWith(layers, 'password', 'password_file')
  if (orphan !== undefined && username === undefined) {
    const key = orphan.keys.password === undefined ? 'password_file' : 'password'
    mistakes.about(written(orphan, key, ''), 'a password without a name', 'write username: too')
  }
  const keyLayer = layerWith(layers, 'sslclientkey')
  if (keyLayer !== undefined && tls.clientCert === undefined)
    mistakes.about(written(keyLayer, 'sslclientkey', ''), 'a key without its certificate', 'write sslclientcert: too')
  const auto = layerWith(layers, 'entitlement')
  if (auto?.keys.entitlement === 'auto' && tls.clientCert !== undefined)
    mistakes.about(
      written(auto, 'entitlement', ''),
      'entitlement: auto and sslclientcert exclude each other',
      'leave one out',
    )
}
