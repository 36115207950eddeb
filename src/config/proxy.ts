import { absolute } from './folders.ts'
import { type Layer, layerWith, setting, type Written, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Access, SecretPlace, Way } from './repo.ts'
import { Secret } from './secret.ts'
import { type PlaceKey, placeSetting } from './secretPlace.ts'
import type { Substitute } from './substitute.ts'

type Judging = { layers: readonly Layer[]; substitute: Substitute; mistakes: Mistakes }

/** The way that the layers ask for: what the environment says, as with curl, unless one of them has a proxy, or `no`. */
export function wayOf(judging: Judging): Way {
  const { layers } = judging
  const noProxy = setting(layers, 'no_proxy')
  const layer = layerWith(layers, 'proxy')
  const value = layer?.keys.proxy
  if (layer === undefined || value === undefined) return { proxy: 'environment', noProxy }
  if (/^(?:no|none|_none_|off|false)$/i.test(value)) return { proxy: 'none', noProxy }
  const text = judging.substitute(written(layer, 'proxy', value))
  const found = text === undefined ? undefined : proxyUrl({ ...written(layer, 'proxy', ''), value: text }, judging)
  if (found === undefined) return { proxy: 'none', noProxy }
  return { proxy: { url: found.url, login: loginOf(found.login, judging), tls: tlsOf(judging) }, noProxy }
}

type Login = { username: string; password: Secret | SecretPlace | undefined } | undefined

/** A proxy's URL apart from the name and password in it; curl's default port where it has none. */
export function splitProxy(text: string): { url: string; login: Login } | undefined {
  const url = URL.parse(/^[a-z0-9]+:\/\//i.test(text) ? text : `http://${text}`)
  if (url === null || url.hostname === '' || !/^(?:https?|socks5h?):$/.test(url.protocol)) return undefined
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') return undefined
  const { protocol, username, password, hostname } = url
  // 80 is a port like any other for a proxy, and URL drops it where it is written.
  const written = /:(\d+)\/?$/.exec(text)?.[1]
  const port = url.port || written || (protocol === 'https:' ? '443' : '1080')
  const login = username === '' ? undefined : { username: decoded(username), password: new Secret(decoded(password)) }
  return { url: `${protocol}//${hostname}:${port}`, login }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function proxyUrl(item: Written<string>, { mistakes }: Judging): ReturnType<typeof splitProxy> {
  const found = splitProxy(item.value)
  if (found !== undefined) return found
  const shown = quoted(item.value.replace(/^([a-z0-9]+:\/\/)?.*@/i, '$1...@'))
  const write = 'write http://host:port, https://host:port, socks5://host:port, or no'
  mistakes.about(item, `${shown} is no proxy`, write)
}

function loginOf(ofUrl: Login, { layers, substitute, mistakes }: Judging): Login {
  if (setting(layers, 'proxy_auth_method') === 'none') return undefined
  const username = setting(layers, 'proxy_username')
  const layer = layerWith(layers, 'proxy_password', 'proxy_password_file')
  const given = layer?.keys.proxy_password
  const key: PlaceKey = 'proxy_password_file'
  const password = given === undefined ? placeSetting(layers, key, substitute, mistakes) : new Secret(given)
  if (username !== undefined) return { username, password }
  if (layer !== undefined && password !== undefined)
    mistakes.about(written(layer, 'proxy_password', ''), 'a password without a name', 'write proxy_username: too')
  return ofUrl
}

function tlsOf({ layers, substitute, mistakes }: Judging): Access['tls'] {
  const fileOf = (key: 'proxy_sslcacert' | 'proxy_sslclientcert' | 'proxy_sslclientkey') => {
    const layer = layerWith(layers, key)
    const value = layer?.keys[key]
    return layer && value && absolute(written(layer, key, value), substitute, mistakes)?.value
  }
  return {
    verify: setting(layers, 'proxy_sslverify') ?? true,
    ca: fileOf('proxy_sslcacert'),
    clientCert: fileOf('proxy_sslclientcert'),
    clientKey: fileOf('proxy_sslclientkey'),
  }
}
