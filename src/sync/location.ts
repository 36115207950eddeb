import { MirrorError } from '../errors.ts'
import type { Mirrors } from '../upstream/mirrors.ts'
import type { Upstream } from '../upstream/upstream.ts'

const limits = { href: 4096, name: 255 }

/**
 * Our place for a package that the upstream has at `href`: its path below the repository's directory, which is its href
 * in our primary too. The upstream's href only chooses the URL; of its path no more than the last segment (`layout:
 * packages`) or its checked segments (`layout: upstream`) come to our disk, decoded once: without `%` a name is the same
 * to clients that read an href as a path (dnf, zypper) and to those that read it as a URL (yum 3).
 * @throws E_PATH for a name that is not safe to use, with the reason
 */
export function mapLocation(href: string, layout: 'packages' | 'upstream'): string {
  if (href.length > limits.href) throw unsafe(href, `longer than ${limits.href} characters`)
  const segments = href.replace(/^\.\//, '').split('/')
  const names = segments.map((segment) => decodeSegment(segment, href))
  const name = names.at(-1) as string
  checkName(name, href)
  const inside = names.every((part, i) => i === names.length - 1 || isSafeDirectory(part))
  if (layout === 'upstream') {
    if (!inside) throw unsafe(href, 'it leads out of the repository')
    if (names[0] === 'repodata') throw unsafe(href, 'repodata/ is for metadata')
    return names.join('/')
  }
  if (inside && names[0] === 'Packages' && names.length > 1) return names.join('/')
  return `${letterFolder(name)}/${name}`
}

/** The place of a second content with the same name: a published path never changes its content while it is retained. */
export function alternativeLocation(path: string, sha256: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return `${letterFolder(name)}/${sha256.slice(0, 16)}/${name}`
}

function letterFolder(name: string): string {
  const first = (name[0] as string).toLowerCase()
  return `Packages/${/[a-z0-9]/.test(first) ? first : '_'}`
}

function decodeSegment(segment: string, href: string): string {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    throw unsafe(href, 'its percent encoding is broken')
  }
}

function checkName(name: string, href: string): void {
  if (name === '' || name === '.' || name === '..') throw unsafe(href, 'it names no file')
  if (name.includes('/') || name.includes('\\')) throw unsafe(href, 'its name holds a slash')
  if (/[\u0000-\u001f\u007f?#]/.test(name)) throw unsafe(href, 'its name holds a control character, ? or #')
  if (name.startsWith('.')) throw unsafe(href, 'its name begins with a dot')
  if (!name.endsWith('.rpm')) throw unsafe(href, 'its name does not end in .rpm')
  if (Buffer.byteLength(name) > limits.name) throw unsafe(href, `its name is longer than ${limits.name} bytes`)
}

/** Files end in .rpm, folders never do: so no package's path is a folder of another's. */
function isSafeDirectory(name: string): boolean {
  return (
    name !== '' &&
    !name.startsWith('.') &&
    !name.endsWith('.rpm') &&
    !/[\u0000-\u001f\u007f/\\?#:]/.test(name) &&
    Buffer.byteLength(name) <= limits.name
  )
}

function unsafe(href: string, reason: string): MirrorError {
  return new MirrorError('E_PATH', `location ${JSON.stringify(href.slice(0, 200))} is refused: ${reason}`)
}

/** Where a file is in its repository: an href, and the xml:base that it is relative to instead. */
export type Location = { href: string; base?: string | undefined }

/**
 * The URLs where a file may be at one place of its repository. An href is a path, in which `%` stands for itself: so dnf
 * (libdnf's urlEncode, librepo PR 188) and zypper read it. Some upstreams wrote it as a part of a URL, as yum 3 took it: that
 * comes second.
 */
export function urlsAt({ href, base }: Location, repository: URL): URL[] {
  const isPath = href.includes('%') && !href.includes('://')
  const readings = isPath ? [href.replaceAll('%', '%25'), href] : [href]
  return readings.map((reading) => packageUrl(reading, base, repository))
}

/** A file's location, and the mirrors that have it. */
export type Where = { mirrors: Mirrors; location: Location }

/** Where a file is by its location: at the repository's mirrors, or in another repository that its base names. */
export function whereOf(location: Location, { mirrors, origins }: Pick<Upstream, 'mirrors' | 'origins'>): Where {
  const { href, base } = location
  const origin = base === undefined ? undefined : origins.find((one) => one.all[0]?.url.href === `${base}/`)
  return origin === undefined ? { mirrors, location } : { mirrors: origin, location: { href } }
}

/** The URLs of a file at the first mirror where its location makes sense. @throws E_PATH where there is none */
export function firstUrls({ mirrors, location }: Where): URL[] {
  let refused: unknown
  for (const { url } of mirrors.all) {
    try {
      return urlsAt(location, url)
    } catch (error) {
      refused = error
    }
  }
  throw refused
}

/**
 * The URL of a package: its href against its xml:base or the repository. Another host than the repository's own is
 * refused, so that metadata cannot send us to places that the operator did not name.
 */
function packageUrl(href: string, base: string | undefined, repository: URL): URL {
  const from = base === undefined ? repository : parseUrl(base.endsWith('/') ? base : `${base}/`, repository)
  const url = parseUrl(href, from)
  if (url.protocol !== repository.protocol || url.host !== repository.host)
    throw unsafe(href, `it leads to ${url.protocol}//${url.host}, which is not the upstream`)
  // On a server `../pool` is a place like any other; on our own disk it is somebody else's folder.
  if (url.protocol === 'file:' && !url.pathname.startsWith(repository.pathname))
    throw unsafe(href, "it leads out of the upstream's folder")
  return url
}

function parseUrl(text: string, base: URL): URL {
  // A scheme-relative "//host/x" and an absolute URL change the host; the caller compares it.
  if (!URL.canParse(escapedPath(text), base)) throw unsafe(text, 'it is no URL')
  return new URL(escapedPath(text), base)
}

/** `?` and `#` in a file's name are part of the name, not of the URL's syntax. */
function escapedPath(text: string): string {
  return text.replaceAll('?', '%3F').replaceAll('#', '%23')
}
