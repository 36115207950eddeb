import { type BigIntStats, closeSync } from 'node:fs'
import { type Find, type Found, isSame, type SmallFile } from './find.ts'
import type { Client } from './message.ts'

/** For so long (ms) after a client was given a repomd.xml the files beside it are the ones that were there then. */
const pairedMs = 60_000

/** A client reads one repository after the other; so many are remembered of each, and so many addresses. */
const repositories = 8
const addresses = 4096

const pointer = 'repomd.xml'
const companions = ['repomd.xml.asc', 'repomd.xml.key']

/** A repomd.xml that was given, and what lay beside it, by name. */
interface Pair {
  repomd: BigIntStats
  companions: ReadonlyMap<string, SmallFile>
  until: number
}

/** By the folder of the repomd.xml. */
type Pairs = Map<string, Pair>

/**
 * Gives a client the signature that lay beside the repomd.xml that it was last given: it asks for one after the other,
 * and a publication between the two would hand it a signature of something else.
 *
 * A client is its connection and, where that was given none, its address: dnf 4 opens a connection for each of the two
 * files. A proxy asks for many clients, and has no such memory.
 */
export function paired(find: Find): Find {
  const byConnection = new WeakMap<Client, Pairs>()
  const byAddress = new Map<string, Pairs>()
  return (segments, client) => {
    const name = segments.at(-1) ?? ''
    if (client.isProxy || !(name === pointer || companions.includes(name))) return find(segments, client)
    const folder = segments.slice(0, -1)
    const key = folder.join('/')
    const [own, shared] = [byConnection.get(client), byAddress.get(client.address)]
    const pair = lately(own, key) ?? lately(shared, key)
    if (name !== pointer) return pair?.companions.get(name) ?? find(segments, client)
    const file = find(segments, client)
    if (file === undefined) return undefined
    const now = given(file, pair, (name) => find([...folder, name], client))
    if (own?.get(key) !== now) byConnection.set(client, put(own ?? new Map(), key, now, repositories))
    if (shared?.get(key) !== now && client.address !== '') {
      put(byAddress, client.address, put(shared ?? new Map(), key, now, repositories), addresses)
    }
    return file
  }
}

/** Who is given the same repomd.xml again keeps what lay beside it at first. */
function given({ stats }: Found, pair: Pair | undefined, beside: (name: string) => Found | undefined): Pair {
  const until = performance.now() + pairedMs
  if (pair !== undefined && isSame(pair.repomd, stats)) return Object.assign(pair, { until })
  const small = new Map<string, SmallFile>()
  for (const name of companions) {
    const file = beside(name)
    if (file === undefined) continue
    if ('bytes' in file) small.set(name, file)
    else closeSync(file.fd)
  }
  return { repomd: stats, companions: small, until }
}

function lately(pairs: Pairs | undefined, key: string): Pair | undefined {
  const pair = pairs?.get(key)
  return pair !== undefined && performance.now() < pair.until ? pair : undefined
}

/** The value comes last in a map that holds so many; the first one makes room. */
function put<Value>(map: Map<string, Value>, key: string, value: Value, most: number): Map<string, Value> {
  map.delete(key)
  if (map.size >= most) map.delete(map.keys().next().value as string)
  return map.set(key, value)
}
