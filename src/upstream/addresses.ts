import type { LookupAddress } from 'node:dns'
import { BlockList, isIP } from 'node:net'
import { MirrorError } from '../errors.ts'

/**
 * Where no upstream may send us, and no operator either: the link's own addresses, where clouds keep their metadata and with
 * it credentials (AWS, Azure, Google, OpenStack; of AWS and Google over IPv6, Alibaba, Azure's wire server, Oracle), and what
 * is no host.
 */
const forbidden = networks(
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  'ff00::/8',
  '240.0.0.0/4',
)

/**
 * Addresses that mean this host, or a network that is not everybody's (RFC 6890), and those in which a translator or a tunnel
 * of that network would find an IPv4 address of its own (RFC 8215, RFC 7915, RFC 4380).
 */
const inside = networks(
  '127.0.0.0/8',
  '::1/128',
  '0.0.0.0/8',
  '::/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '192.0.0.0/24',
  '198.18.0.0/15',
  'fc00::/7',
  'fec0::/10',
  '64:ff9b:1::/48',
  '::ffff:0:0:0/96',
  '2001::/32',
)

const forbiddenNames = /^(?:metadata|metadata\.google\.internal|instance-data(?:\.ec2\.internal)?)\.?$/i
const insideNames = /^(?:.+\.)?localhost\.?$/i

function networks(...given: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of given) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}

function holds(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/**
 * Decides to which addresses connections may be made. It is asked with every connection, by the socket's own lookup, so
 * that no answer of the DNS can change between the question and the connection.
 */
export class Addresses {
  readonly #own: ReadonlySet<string>
  readonly #allowed: BlockList
  /** Where the operator's own hosts are. */
  readonly #known = new BlockList()

  /**
   * @param own hosts that the operator wrote, as URLs have them
   * @param allowed networks in CIDR notation that upstreams may send us to although they are not everybody's
   */
  constructor(own: Iterable<string>, allowed: readonly string[]) {
    this.#own = new Set(own)
    this.#allowed = networks(...allowed)
    for (const host of this.#own) if (isIP(bare(host)) !== 0) this.#know(bare(host))
  }

  /** A host that is an address, or whose name says where it leads. @throws E_SSRF */
  checkLiteral(host: string): void {
    const address = bare(host)
    if (isIP(address) !== 0) this.#check(host, address)
    else if (forbiddenNames.test(host)) throw refused(host, host, "a cloud's own address")
    else if (insideNames.test(host) && !this.#own.has(host)) throw refused(host, host, "this host's own address")
  }

  /** Those of a host's addresses that may be connected to. @throws E_SSRF where none may */
  permitted(host: string, found: readonly LookupAddress[]): LookupAddress[] {
    if (this.#own.has(host)) for (const { address } of found) this.#know(address)
    const failures: unknown[] = []
    const permitted = found.filter(({ address }) => {
      try {
        this.#check(host, address)
        return true
      } catch (error) {
        failures.push(error)
        return false
      }
    })
    if (permitted.length === 0 && failures.length > 0) throw failures[0]
    return permitted
  }

  #know(address: string): void {
    this.#known.addAddress(unwrapped(address), isIP(unwrapped(address)) === 6 ? 'ipv6' : 'ipv4')
  }

  #check(host: string, given: string): void {
    const address = unwrapped(given)
    if (holds(forbidden, address)) throw refused(host, given, "an address of the link or of a cloud's metadata")
    if (!holds(inside, address) || holds(this.#known, address) || holds(this.#allowed, address)) return
    throw refused(
      host,
      given,
      "a private address, and none of the repository's own; name it in private_networks if it is meant",
    )
  }
}

function refused(host: string, address: string, what: string): MirrorError {
  return new MirrorError('E_SSRF', `refused to connect to ${host} -> ${bare(address)}: ${what}`)
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}

/** The IPv4 address in an IPv6 one that stands for it: mapped, compatible, or translated (RFC 4291, RFC 6052, RFC 3056). */
function unwrapped(given: string): string {
  const address = given.replace(/%.*$/, '')
  if (isIP(address) !== 6) return address
  const words = wordsOf(address)
  const isMapped = words.slice(0, 5).every((word) => word === 0) && (words[5] === 0xffff || words[5] === 0)
  const isTranslated = words[0] === 0x64 && words[1] === 0xff9b && words.slice(2, 6).every((word) => word === 0)
  const [high, low] = words[0] === 0x2002 ? words.slice(1, 3) : words.slice(6)
  if (words[0] !== 0x2002 && !isMapped && !isTranslated) return address
  // ::1 and :: are IPv6's own.
  if (words[5] === 0 && !isTranslated && words[0] === 0 && (high as number) === 0 && (low as number) < 2) return address
  return [(high as number) >> 8, (high as number) & 255, (low as number) >> 8, (low as number) & 255].join('.')
}

/** The eight words of an IPv6 address that `isIP` takes, in any of its notations. */
export function wordsOf(address: string): number[] {
  const hostname = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [before = '', after] = hostname.split('::')
  const read = (part: string) => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)))
  const [head, tail] = [read(before), read(after ?? '')]
  return after === undefined ? head : [...head, ...Array(8 - head.length - tail.length).fill(0), ...tail]
}
