import { absolute } from './folders.ts'
import { list, scalar } from './keys.ts'
import { type Layer, layerWith, setting, type Written, written, writtenItems } from './layers.ts'
import type { Mistakes } from './mistakes.ts'
import type { Access, SecretPlace, UrlCredentials } from './repo.ts'
import { Secret, secretVariables } from './secret.ts'
import type { Substitute } from './substitute.ts'
import { line, network, type Unit, yesNo } from './units.ts'

const file = line('a file', 'write the path of a PEM file')
const username = line('a user name', 'write one line of text')
const secret: Unit<string> = { ...line('one line of text', ''), isSecret: true }
const place = line('the place of a secret', 'write the path of a file, env:NAME or credential:NAME')

/** HTTP's own and those that a run needs: whoever sets these breaks what fetching relies on. */
const reserved =
  /^(?:host|connection|content-length|transfer-encoding|te|upgrade|accept-encoding|range|if-.*|user-agent|proxy-.*)$/i

/** `Name: value`, in printable ASCII. */
const headerLine: Unit<string> = {
  is: 'a header',
  write: 'write Name: value in printable ASCII; Host, Range, User-Agent and the like are not yours to set',
  isSecret: true,
  read: (text) => {
    const [, name] = /^([!#$%&'*+.^`|~\w-]{1,100}):\s*[ -~]{1,4000}$/.exec(text) ?? []
    return name === undefined || reserved.test(name) ? undefined : text
  },
}

const ipVersions: Record<string, 4 | 6 | 'any'> = { '4': 4, ipv4: 4, '6': 6, ipv6: 6, whatever: 'any' }

/** dnf's `ip_resolve`. */
const ipResolve: Unit<4 | 6 | 'any'> = {
  is: '4, 6 or whatever',
  write: '',
  read: (text) => ipVersions[text.toLowerCase()],
}

/** Keys that say who we are at an upstream and whom we believe to be it. */
export const accessKeys = {
  username: scalar(username),
  password: scalar(secret),
  password_file: scalar(place),
  bearer_token_file: scalar(place),
  http_headers: list(headerLine, (text) => [text]),
  sslverify: scalar(yesNo),
  sslcacert: scalar(file),
  sslclientcert: scalar(file),
  sslclientkey: scalar(file),
  ip_resolve: scalar(ipResolve),
  private_networks: list(network),
}

type FileKey = 'sslcacert' | 'sslclientcert' | 'sslclientkey'

/** What the layers say of access to an upstream, besides what stands in its URLs. */
export function accessOf(
  layers: readonly Layer[],
  urls: UrlCredentials[],
  substitute: Substitute,
  mistakes: Mistakes,
): Access {
  const fileOf = (key: FileKey) => fromLayer(layers, key, (item) => absolute(item, substitute, mistakes)?.value)
  const placeOf = (key: 'password_file' | 'bearer_token_file') =>
    fromLayer(layers, key, (item) => secretPlace(item, substitute, mistakes))
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
  return {
    urls,
    login: name === undefined ? undefined : { username: name, password },
    bearer: placeOf('bearer_token_file'),
    headers: headersOf(layers),
    tls,
    ipVersion: ipVersion === 'any' ? undefined : ipVersion,
    privateNetworks: setting(layers, 'private_networks') ?? [],
  }
}

/** What is made of the value that counts for a key; undefined where there is none. */
function fromLayer<T>(
  layers: readonly Layer[],
  key: FileKey | 'password_file' | 'bearer_token_file',
  make: (item: Written<string>) => T,
): T | undefined {
  const layer = layerWith(layers, key)
  const value = layer?.keys[key]
  return layer === undefined || value === undefined ? undefined : make(written(layer, key, value))
}

/** `env:NAME`, systemd's `credential:NAME`, or else a path. */
export function secretPlace(
  item: Written<string>,
  substitute: Substitute,
  mistakes: Mistakes,
): SecretPlace | undefined {
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
}
