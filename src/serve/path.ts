/** A request target that may be looked up below the root: its decoded segments, and whether it asks for a folder. */
export interface Target {
  segments: string[]
  /** The path ended in `/`. */
  folder: boolean
  /** A `/` stood where none was needed (`repo//repodata/repomd.xml`), so this is not the name to serve it under. */
  untidy: boolean
  /** The query with its `?`, or the empty string. */
  query: string
}

/**
 * The path of a request target as segments that are safe to join below the root, or the status to refuse it with:
 * 414 too long, 400 malformed, 404 well-formed but never served.
 *
 * Only the origin form (`/path`) is taken. RFC 9112 3.2.2 asks for the absolute form as well, but no client of a
 * mirror sends it, and answering `GET http://elsewhere/` is what open proxies are recognized by.
 */
export function parseTarget(target: string, urlBytes: number): Target | 400 | 404 | 414 {
  if (target.length > urlBytes) return 414
  if (!target.startsWith('/') || target.includes('#')) return 400
  const [path = '', ...query] = target.split('?')
  if (path.startsWith('//')) return 404
  const parts = path.split('/').filter((part) => part !== '')
  const segments = parts.map(decodeSegment)
  if (!segments.every((segment) => segment !== undefined)) return 400
  if (!segments.every(isServed)) return 404
  const folder = path.endsWith('/')
  return { segments, folder, untidy: path.includes('//'), query: query.length === 0 ? '' : `?${query.join('?')}` }
}

/** Whether a file or folder of this name is ever served: dot names are private, but for the two of a kickstart tree. */
export function isServed(name: string): boolean {
  return !(name.startsWith('.') && !kickstartFiles.has(name)) && !unsafe.test(name)
}

/** The path that leads to these segments, ready for a Location or a link. */
export function encodePath(segments: readonly string[], folder: boolean): string {
  const path = segments.map((segment) => `/${encodeURIComponent(segment)}`).join('')
  return folder ? `${path}/` : path
}

const kickstartFiles = new Set(['.treeinfo', '.discinfo'])

/** A slash can only come from `%2f`; U+FFFD stands where a file name is not UTF-8, so no URL leads to it. */
const unsafe = /[\p{Cc}/\\\ufffd]/u

/** Decodes once, so that `%252e` stays the text `%2e`. */
function decodeSegment(raw: string): string | undefined {
  try {
    const segment = decodeURIComponent(raw)
    return unsafe.test(segment) ? undefined : segment
  } catch {
    return undefined
  }
}
