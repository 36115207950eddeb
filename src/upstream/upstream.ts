import type { Repo } from '../config/repo.ts'
import { folderTransport } from './folder.ts'
import type { Place } from './mirror.ts'
import { type Choosing, listedDownloads, Mirrors } from './mirrors.ts'
import { withPace } from './pace.ts'
import { withRedirects } from './redirects.ts'
import type { Transport } from './transport.ts'

/** An opened way to a repository's upstream. */
export type Upstream = {
  /** Where the repository is: what every href of its metadata is relative to. None before a list of them was fetched. */
  readonly mirrors: Mirrors
  /** The list that names more of them. */
  readonly list: Repo['list']
  /** The places that the operator wrote. */
  readonly own: readonly Place[]
  /** Other repositories that packages may be of, by their xml:base. */
  readonly origins: readonly Mirrors[]
  readonly transport: Transport
  close(): Promise<void>
}

const defaultUserAgent = 'mirror/0.1 (RPM repository mirror)'

/** What is known of an upstream's mirrors before anything is asked: those that a list named, and what runs found of them. */
export type KnownMirrors = { places?: readonly Place[] | undefined; known?: Choosing['known'] }

type Reachable = Pick<Repo, 'baseurl' | 'transfer'> & Partial<Pick<Repo, 'merge' | 'list' | 'mirrored'>>

/** Opens the upstream of a repository: over http(s) with the rules of fetching wrapped around, or as a folder. */
export async function openUpstream(
  repo: Reachable,
  connections: number,
  { places, known }: KnownMirrors = {},
): Promise<Upstream> {
  const { baseurl, merge = [], list, mirrored, transfer } = repo
  const perMirror = mirrored?.maxDownloadsPerMirror
  const choosing: Choosing = { perMirror, ...(known && { known }) }
  const own = baseurl.map((url) => ({ url, isListed: false }))
  // Before the list was read only it may be asked.
  const mirrors = new Mirrors(places ?? (list === undefined ? own : []), choosing)
  const origins = merge.map((url) => new Mirrors([{ url, isListed: false }], choosing))
  const upstream = { mirrors, list, own, origins }
  if (list === undefined && [...baseurl, ...merge].every((url) => isFolder(new URL(url))))
    return { ...upstream, transport: folderTransport, close: async () => {} }
  const { httpTransport } = await import('./http.ts')
  const { timeoutMs, userAgent = defaultUserAgent } = transfer
  const most = Math.min(connections, perMirror ?? (list === undefined ? connections : listedDownloads))
  const http = httpTransport({ connections: most, timeoutMs, userAgent })
  const network = withPace(withRedirects(http), transfer)
  const transport: Transport = (request, receiver) =>
    (isFolder(request.url) ? folderTransport : network)(request, receiver)
  return { ...upstream, transport, close: () => http.close() }
}

function isFolder({ protocol }: URL): boolean {
  return protocol === 'file:'
}
