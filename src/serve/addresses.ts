import { BlockList, isIP } from 'node:net'
import type { HttpRequest } from './message.ts'

/** IP addresses and networks in CIDR notation, to ask whether an address belongs to them; never the empty one. */
export class Addresses {
  readonly #list = new BlockList()

  /** Takes only what `net` of the configuration has read: `10.0.0.0/8`, `192.0.2.1`, `2001:db8::/32`. */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = '', prefix] = network.split('/')
      const bits = isIP(address) === 6 ? 128 : 32
      this.#list.addSubnet(address, prefix === undefined ? bits : Number(prefix), familyOf(address))
    }
  }

  /** An IPv4 address that a dual-stack socket shows as `::ffff:192.0.2.1` is the IPv4 address. */
  has(address: string): boolean {
    const bare = address.replace(/%.*$/, '')
    return isIP(bare) !== 0 && this.#list.check(bare, familyOf(bare))
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}

/**
 * Who sent a request: the other end of the connection, or where that is a proxy of ours the last address in
 * X-Forwarded-For that is none. What stands before it was written by whoever sent it.
 */
export function senderOf(peer: string, headers: HttpRequest['headers'], proxies: Addresses | undefined): string {
  if (proxies === undefined || !proxies.has(peer)) return peer
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',')
  const named = forwarded.split(',').map((text) => text.trim())
  const sender = named.findLast((address) => !proxies.has(address)) ?? ''
  return isIP(sender) === 0 ? peer : sender
}
