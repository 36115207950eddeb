import { createHash } from 'node:crypto'
import type { Repo } from '../../config/repo.ts'
import { type Metalink, parseMetalink } from '../../repodata/metalink.ts'
import { parseMirrorlist } from '../../repodata/mirrorlist.ts'
import type { Validators } from '../../store/looks.ts'
import type { Place } from '../../upstream/mirror.ts'
import { Mirrors } from '../../upstream/mirrors.ts'
import { listedPlaces } from '../../upstream/places.ts'
import type { Upstream } from '../../upstream/upstream.ts'
import { fetchDocument } from '../document.ts'

/** A list of mirrors as it was sent: where they are, and what a metalink says of repomd.xml. */
export type MirrorList = {
  places: Place[]
  metalink: Metalink | undefined
  /** Of the list's own bytes. */
  sha256: string
  validators: Validators
}

/** The largest lists have some hundred kilobytes. */
const maxBytes = 8 * 1024 * 1024

/**
 * Fetches the list that a repository's mirrors are named by; undefined when the server says that it is what the validators
 * name. The places that the operator wrote come first.
 * @throws E_NO_MIRROR, E_METALINK naming the list's URL
 */
export async function fetchList(
  upstream: Upstream,
  known: Validators,
  { trust, repoGpgcheck, transfer }: Pick<Repo, 'trust' | 'repoGpgcheck' | 'transfer'>,
  signal: AbortSignal,
): Promise<MirrorList | undefined> {
  const { kind, url } = upstream.list as NonNullable<Upstream['list']>
  const list = new URL(url)
  const from = { transport: upstream.transport, mirrors: new Mirrors([{ url, isListed: false }]) }
  return await fetchDocument(from, { path: '', known, limit: maxBytes }, transfer, signal, ({ bytes, validators }) => {
    const metalink = kind === 'metalink' ? parseMetalink(bytes, 'repomd.xml') : undefined
    // A digest that came over TLS vouches, as a signature does, for what any mirror sends.
    const isSecure = trust === 'required' && metalink === undefined && !repoGpgcheck
    const named = listedPlaces(metalink?.urls ?? parseMirrorlist(bytes), list, isSecure)
    const written = new Set(upstream.own.map((place) => place.url))
    const places = [...upstream.own, ...named.filter((place) => !written.has(place.url))]
    return { places, metalink, sha256: createHash('sha256').update(bytes).digest('hex'), validators }
  })
}
