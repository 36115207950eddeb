import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { Agent } from 'undici'
import { Addresses } from './addresses.ts'
import { type Connect, directly } from './connect.ts'
import { type ProxyFor, type ProxyHost, proxyHeaders } from './proxies.ts'
import { socks } from './socks.ts'
import type { Tls } from './tlsFiles.ts'
import { through, tunnel } from './tunnel.ts'

export type RouteOptions = {
  /** Connections to one origin at most. */
  connections: number
  /** How long a connection may take to open and a silence may last, in milliseconds. */
  timeoutMs: number
  tls: Tls
  /** The only version of IP that is used. */
  family: 4 | 6 | undefined
  addresses: Addresses
  proxyFor: ProxyFor
  secured?: ((host: string, validTo: number) => void) | undefined
}

/** How a request gets on its way: what sends it, and what it asks for there. */
export type Route = {
  agent: Agent
  origin: string
  path: string
  headers: Record<string, string>
  proxy: ProxyHost | undefined
}

/** The ways to hosts: directly, or by proxies. Connections are kept for each of them and closed together. */
export function routes(options: RouteOptions) {
  const { proxyFor, addresses, tls } = options
  const agents = new Map<string, Agent>()
  const agentOf = (name: string, connect: () => Connect) => {
    const agent = agents.get(name) ?? agentFor(options, connect())
    agents.set(name, agent)
    return agent
  }

  return {
    /** The way to a URL. A stranger is not shown our certificate. @throws E_SSRF where a host's name says it */
    to(url: URL, isStranger: boolean): Route {
      const proxy = proxyFor(url)
      const client = isStranger ? undefined : tls.client
      const from = client === undefined ? '' : 'known '
      const target = { origin: url.origin, path: url.pathname + url.search, headers: {}, proxy }
      if (proxy === undefined)
        return { ...target, agent: agentOf(`${from}direct`, () => directly(way(options, client))) }
      // Of other hosts' addresses only the proxy knows.
      addresses.checkLiteral(url.hostname)
      const { href, protocol } = proxy.url
      if (protocol.startsWith('http') && url.protocol === 'http:') {
        const agent = agentOf(`to ${href}`, () => toProxy(proxy, options))
        const asked = new URL(url)
        asked.hash = ''
        return {
          agent,
          origin: originOf(proxy),
          path: asked.href,
          headers: { host: url.host, ...proxyHeaders(proxy) },
          proxy,
        }
      }
      return { ...target, agent: agentOf(`${from}by ${href}`, () => by(proxy, options, client)) }
    },

    close: async () => {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()))
    },
  }
}

function agentFor({ connections, timeoutMs }: RouteOptions, connect: Connect): Agent {
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }
  return new Agent({ connections, pipelining: 1, allowH2: false, connect, ...timeouts })
}

function way({ timeoutMs, tls, family, addresses, secured }: RouteOptions, client: Tls['client']) {
  return { timeoutMs, tls: { ...tls.trust, ...client }, family, addresses, secured }
}

/** The operator wrote the proxy, or his environment did: it may be anywhere. */
function toProxy({ url, tls }: ProxyHost, { timeoutMs, family }: RouteOptions): Connect {
  return directly({
    timeoutMs,
    tls: { ...tls.trust, ...tls.client },
    family,
    addresses: new Addresses([url.hostname], []),
  })
}

function by(proxy: ProxyHost, options: RouteOptions, client: Tls['client']): Connect {
  const { timeoutMs } = options
  const connects = { toProxy: toProxy(proxy, options), toHost: directly(way(options, client)) }
  const { protocol } = proxy.url
  if (protocol.startsWith('http')) {
    return through(proxy, (host, port, socket) => tunnel(proxy, `${host}:${port}`, socket, timeoutMs), connects)
  }
  return through(
    proxy,
    async (given, port, socket) => {
      const host = given.replace(/^\[(.*)\]$/, '$1')
      const named = protocol === 'socks5h:' ? host : await resolved(host, options)
      return await socks(proxy, named, port, socket, timeoutMs)
    },
    connects,
  )
}

/** socks5: names are looked up here, as curl does, and judged as on a direct way. */
async function resolved(host: string, { family, addresses }: RouteOptions): Promise<string> {
  if (isIP(host) !== 0) return host
  const found = await lookup(host, { all: true, ...(family && { family }) })
  return addresses.permitted(host, found)[0]?.address ?? host
}

function originOf({ url, port }: ProxyHost): string {
  return `${url.protocol}//${url.hostname}:${port}`
}
