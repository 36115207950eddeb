import type { Access, Repo } from '../config/repo.ts'
import { Addresses } from './addresses.ts'
import { connectTimes as connectTimesOf } from './connectTime.ts'
import { readCredentials, withCredentials } from './credentials.ts'
import { type KnownTimes, orderByConnectTime } from './fastest.ts'
import { folderTransport } from './folder.ts'
import { expiryWarning, readIdentity } from './identity.ts'
import type { Place } from './mirror.ts'
import { type Choosing, listedDownloads, Mirrors } from './mirrors.ts'
import { withPace } from './pace.ts'
import { proxies } from './proxies.ts'
import { Rate } from './rate.ts'
import { withRedirects } from './redirects.ts'
import { withRestraint } from './restraint.ts'
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
  /** What the operator is to know of the way. */
  readonly warnings: readonly string[]
  /** When the first of the certificates expires that servers have shown, and when ours does, in milliseconds since 1970. */
  readonly certificates: { server(): number | undefined; client: number | undefined }
  /** Measures the mirrors of a list and puts the fastest first; undefined where that is not asked for. */
  readonly measure: ((signal: AbortSignal) => Promise<void>) | undefined
  /** The connect times that this run measured, by origin, in milliseconds. */
  readonly connectTimes: ReadonlyMap<string, number>
  readonly transport: Transport
  close(): Promise<void>
}

const defaultUserAgent = 'mirror/0.1 (RPM repository mirror)'

/** What is known of an upstream's mirrors before anything is asked: those that a list named, and what runs found of them. */
export type KnownMirrors = {
  places?: readonly Place[] | undefined
  known?: Choosing['known']
  connectTimes?: KnownTimes
  /** How many bytes per second may come now; by default what the repository's own limit says. */
  perSecond?: () => number | undefined
}

type Reachable = Pick<Repo, 'baseurl' | 'transfer'> &
  Partial<Pick<Repo, 'merge' | 'list' | 'mirrored' | 'access' | 'gpgkey'>>

/** That of an upstream which asks for nothing. */
const openAccess: Access = {
  urls: [],
  login: undefined,
  bearer: undefined,
  headers: [],
  tls: { verify: true, ca: undefined, clientCert: undefined, clientKey: undefined },
  entitlement: undefined,
  certificateWarningMs: 0,
  ipVersion: undefined,
  privateNetworks: [],
  way: { proxy: 'environment', noProxy: undefined },
}

/**
 * Opens the upstream of a repository: over http(s) with the rules of fetching wrapped around, or as a folder. What its
 * configuration names of passwords and certificates is read now.
 * @throws E_CREDENTIALS
 */
export async function openUpstream(
  repo: Reachable,
  connections: number,
  { places, known, connectTimes = () => undefined, perSecond = () => ownLimit(repo) }: KnownMirrors = {},
): Promise<Upstream> {
  const { baseurl, merge = [], list, mirrored, gpgkey = [], transfer, access = openAccess } = repo
  const perMirror = mirrored?.maxDownloadsPerMirror
  const choosing: Choosing = { perMirror, ...(known && { known }) }
  const own = baseurl.map((url) => ({ url, isListed: false }))
  // Before the list was read only it may be asked.
  const mirrors = new Mirrors(places ?? (list === undefined ? own : []), choosing)
  const origins = merge.map((url) => new Mirrors([{ url, isListed: false }], choosing))
  const upstream = { mirrors, list, own, origins }
  if (list === undefined && [...baseurl, ...merge, ...gpgkey].every((url) => isFolder(new URL(url))))
    return {
      ...upstream,
      warnings: [],
      certificates: noCertificates,
      measure: undefined,
      connectTimes: new Map(),
      transport: folderTransport,
      close: async () => {},
    }
  const { httpTransport } = await import('./http.ts')
  const { timeoutMs, userAgent = defaultUserAgent } = transfer
  const most = Math.min(connections, perMirror ?? (list === undefined ? connections : listedDownloads))
  const written = [...baseurl, ...merge, ...(list === undefined ? [] : [list.url])].map((url) => new URL(url))
  // A key's host is the operator's word too, but has no business with the upstream's credentials.
  const hosts = [...written, ...gpgkey.map((url) => new URL(url))].map(({ hostname }) => hostname)
  const addresses = new Addresses(new Set(hosts), access.privateNetworks)
  const { tls, identity } = readIdentity(
    access,
    written.map(({ pathname }) => pathname),
  )
  const warning = identity && expiryWarning(identity, access.certificateWarningMs)
  const way = { tls, family: access.ipVersion, addresses, proxyFor: proxies(access.way) }
  const shown = new Map<string, number>()
  const http = httpTransport({
    connections: most,
    timeoutMs,
    userAgent,
    rate: new Rate(perSecond),
    secured: (host, validTo) => shown.set(host, validTo),
    ...way,
  })
  const ours = new Set(written.map(({ origin }) => origin))
  const credentials = { ...readCredentials(access), identity }
  const network = withRestraint(withPace(withRedirects(withCredentials(http, credentials, ours)), transfer))
  const transport: Transport = (request, receiver) =>
    (isFolder(request.url) ? folderTransport : network)(request, receiver)
  const connectTime = connectTimesOf(way)
  const measured = new Map<string, number>()
  const measure = async (signal: AbortSignal) => {
    for (const [origin, ms] of await orderByConnectTime(mirrors, connectTimes, connectTime, signal))
      measured.set(origin, ms)
  }
  return {
    ...upstream,
    measure: mirrored?.fastestMirror === true ? measure : undefined,
    connectTimes: measured,
    warnings: warning === undefined ? [] : [warning],
    certificates: { server: () => earliest(shown.values()), client: identity?.validTo },
    transport,
    close: () => http.close(),
  }
}

function isFolder({ protocol }: URL): boolean {
  return protocol === 'file:'
}

function ownLimit({ transfer: { throttle } }: Reachable): number | undefined {
  return throttle !== undefined && 'bytes' in throttle ? throttle.bytes : undefined
}

const noCertificates = { server: () => undefined, client: undefined }

function earliest(times: Iterable<number>): number | undefined {
  const all = [...times]
  return all.length === 0 ? undefined : Math.min(...all)
}
