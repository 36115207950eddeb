import { BlockList, isIP } from 'node:net'
import { splitProxy } from '../config/proxy.ts'
import type { Access, Way } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { basic, textOf } from './credentials.ts'
import { readTls, type Tls } from './tlsFiles.ts'

/** A proxy on the way: http:, https:, socks5: (which is told addresses) or socks5h: (which is told names). */
export type ProxyHost = {
  url: URL
  port: number
  login: { username: string; password: string } | undefined
  tls: Tls
}

/** The proxy for a URL; undefined for none. */
export type ProxyFor = (url: URL) => ProxyHost | undefined

const direct: Access['tls'] = { verify: true, ca: undefined, clientCert: undefined, clientKey: undefined }

/**
 * Chooses as libcurl does, and with it dnf: what is configured, otherwise the environment's http_proxy (in lower case only,
 * since a web server sets HTTP_PROXY from a request's header), https_proxy and all_proxy; the environment's no_proxy holds
 * for either unless there is a configured one.
 * @throws E_CREDENTIALS where a password cannot be read
 */
export function proxies({ proxy, noProxy }: Way, env: NodeJS.ProcessEnv = process.env): ProxyFor {
  if (proxy === 'none') return () => undefined
  const isExcepted = exceptions(noProxy ?? listed(env.no_proxy ?? env.NO_PROXY))
  if (proxy !== 'environment') {
    const one = opened(proxy)
    return ({ hostname }) => (isExcepted(hostname) ? undefined : one)
  }
  const all = env.all_proxy ?? env.ALL_PROXY
  const [http, https] = [env.http_proxy ?? all, env.https_proxy ?? env.HTTPS_PROXY ?? all].map(fromEnvironment)
  return ({ protocol, hostname }) => (isExcepted(hostname) ? undefined : protocol === 'https:' ? https : http)
}

function fromEnvironment(text: string | undefined): ProxyHost | undefined {
  if (text === undefined || text === '') return undefined
  const found = splitProxy(text)
  if (found !== undefined) return opened({ ...found, tls: direct })
  throw new MirrorError('E_PROXY', 'a proxy of the environment (http_proxy, https_proxy, all_proxy) is no URL of one')
}

function opened({ url, login, tls }: Exclude<Way['proxy'], string>): ProxyHost {
  const parsed = new URL(url)
  const port = Number(parsed.port || (parsed.protocol === 'https:' ? 443 : 80))
  const known = login && { username: login.username, password: textOf('proxy_password_file', login.password) }
  return { url: parsed, port, login: known, tls: readTls(tls) }
}

/** What an HTTP proxy is told of who we are. */
export function proxyHeaders({ login }: ProxyHost): Record<string, string> {
  return login === undefined ? {} : { 'proxy-authorization': basic(login.username, login.password) }
}

/** `host:port`, for messages. */
export function proxyName({ url, port }: ProxyHost): string {
  return `the proxy ${url.hostname}:${port}`
}

function listed(text = ''): string[] {
  return text.split(/[\s,]+/).filter((item) => item !== '')
}

/** Whether a host is one of these: itself, or below a domain; an address, or in a network; `*` is every one. */
function exceptions(hosts: readonly string[]): (host: string) => boolean {
  const names = hosts.map((host) => host.toLowerCase().replace(/^\./, '').replace(/\.$/, ''))
  const networks = new BlockList()
  for (const name of names) addNetwork(networks, name)
  return (given) => {
    const host = given.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
    if (names.includes('*')) return true
    if (isIP(host) !== 0) return networks.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4')
    return names.some((name) => host === name || host.endsWith(`.${name}`))
  }
}

function addNetwork(networks: BlockList, name: string): void {
  const [address = '', prefix] = name.replace(/^\[(.*)\]$/, '$1').split('/')
  const version = isIP(address)
  const bits = version === 6 ? 128 : 32
  const length = Number(prefix ?? bits)
  if (version === 0 || !(length >= 0 && length <= bits)) return
  networks.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
}
