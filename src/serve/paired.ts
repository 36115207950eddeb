import { type BigIntStats, closeSync } from 'node:fs'
import { type Find, type Found, isSame, type SmallFile } from './find.ts'
import type { Client } from './message.ts'

/** For so long (ms) after a connection was given a repomd.xml the files beside it are the ones that were there then. */
const pairedMs = 60_000

/** dnf reads one repository after the other over a connection; so many are remembered of each. */
const repositories = 8

const pointer = 'repomd.xml'
const companions = ['repomd.xml.asc', 'repomd.xml.key']

/** A repomd.xml that was given, and what lay beside it, by name. */
interface Pair {
  repomd: BigIntStats
  companions: ReadonlyMap<string, SmallFile>
  until: number
}

/**
 * Gives a connection the signature that lay beside the repomd.xml that it was last given: a client asks for one after
 * the other, and a publication between the two would hand it a signature of something else. A connection on which a
 * proxy asks for many clients has no such memory.
 */
export function paired(find: Find): Find {
  const given = new WeakMap<Client, Map<string, Pair>>()
  return (segments, client) => {
    const name = segments.at(-1) ?? ''
    if (client.isProxy || !(name === pointer || companions.includes(name))) return find(segments, client)
    const folder = segments.slice(0, -1)
    const pairs = given.get(client) ?? new Map<string, Pair>()
    const pair = lately(pairs, folder)
    if (name !== pointer) return pair?.companions.get(name) ?? find(segments, client)
    const file = find(segments, client)
    if (file === undefined) return undefined
    // A connection that is given the same repomd.xml again keeps what lay beside it at first.
    if (pair !== undefined && isSame(pair.repomd, file.stats)) pair.until = performance.now() + pairedMs
    else
      given.set(
        client,
        remember(
          pairs,
          folder,
          pairOf(file, (name) => find([...folder, name], client)),
        ),
      )
    return file
  }
}

function pairOf({ stats }: Found, beside: (name: string) => Found | undefined): Pair {
  const small = new Map<string, SmallFile>()
  for (const name of companions) {
    const file = beside(name)
    if (file === undefined) continue
    if ('bytes' in file) small.set(name, file)
    else closeSync(file.fd)
  }
  return { repomd: stats, companions: small, until: performance.now() + pairedMs }
}

function lately(pairs: ReadonlyMap<string, Pair>, folder: readonly string[]): Pair | undefined {
  const pair = pairs.get(folder.join('/'))
  return pair !== undefined && performance.now() < pair.until ? pair : undefined
}

function remember(pairs: Map<string, Pair>, folder: readonly string[], pair: Pair): Map<string, Pair> {
  const key = folder.join('/')
  pairs.delete(key)
  if (pairs.size >= repositories) pairs.delete(pairs.keys().next().value as string)
  return pairs.set(key, pair)
}
