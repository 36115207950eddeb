import { closeSync } from 'node:fs'
import type { OpenFile } from './file.ts'
import type { Find, SmallFile } from './find.ts'
import type { Client } from './message.ts'

/** For so long (ms) after a connection was given a repomd.xml the files beside it are the ones that were there then. */
const pairedMs = 60_000

/** dnf reads one repository after the other over a connection; so many are remembered of each. */
const repositories = 8

const pointer = 'repomd.xml'
const companions = ['repomd.xml.asc', 'repomd.xml.key']

interface Pair {
  repomd: string
  companions: Map<string, SmallFile>
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
    const pairs = given.get(client) ?? new Map<string, Pair>()
    const folder = segments.slice(0, -1)
    const key = folder.join('/')
    const known = pairs.get(key)
    const valid = known !== undefined && performance.now() < known.until ? known : undefined
    if (name !== pointer) return valid?.companions.get(name) ?? find(segments, client)
    const file = find(segments, client)
    if (file === undefined) return undefined
    given.set(
      client,
      remember(
        pairs,
        key,
        pairOf(file, valid, (name) => find([...folder, name], client)),
      ),
    )
    return file
  }
}

/** A connection that is given the same repomd.xml again keeps what lay beside it at first. */
function pairOf(
  { stats }: OpenFile | SmallFile,
  known: Pair | undefined,
  beside: (name: string) => OpenFile | SmallFile | undefined,
): Pair {
  const repomd = `${stats.ino} ${stats.ctimeNs}`
  const until = performance.now() + pairedMs
  if (known?.repomd === repomd) return { ...known, until }
  const found = companions.flatMap((name): [string, SmallFile][] => {
    const file = beside(name)
    if (file === undefined || 'bytes' in file) return file === undefined ? [] : [[name, file]]
    closeSync(file.fd)
    return []
  })
  return { repomd, companions: new Map(found), until }
}

function remember(pairs: Map<string, Pair>, key: string, pair: Pair): Map<string, Pair> {
  pairs.delete(key)
  if (pairs.size >= repositories) pairs.delete(pairs.keys().next().value as string)
  return pairs.set(key, pair)
}
