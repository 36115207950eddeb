import { MirrorError } from '../errors.ts'
import type { Place } from './mirror.ts'
import { shown } from './transport.ts'

/** How many mirrors of a list are used: the first ones, which are the nearest. */
const maxListed = 32

/** A metalink names its file at each mirror. */
const file = 'repodata/repomd.xml'

/**
 * The mirrors that a list names, in its order: over https or http (folders where the list itself is a file), each host and
 * path once, by https where the list has both.
 * @param isSecure takes none without https
 * @throws E_NO_MIRROR where none is left
 */
export function listedPlaces(urls: readonly string[], list: URL, isSecure: boolean): Place[] {
  const found = new Map<string, URL>()
  for (const text of urls) {
    const url = placeOf(text, list, isSecure)
    if (url === undefined) continue
    const key = url.host + url.pathname
    if (found.get(key)?.protocol !== 'https:') found.set(key, url)
  }
  if (found.size > 0) return [...found.values()].slice(0, maxListed).map((url) => ({ url: url.href, isListed: true }))
  const kinds = list.protocol === 'file:' ? 'https, http or file' : isSecure ? 'https' : 'https or http'
  const first = urls[0] === undefined ? '' : `, the first is ${named(urls[0])}`
  throw new MirrorError('E_NO_MIRROR', `none of the ${urls.length} URLs is one of ${kinds} to a folder${first}`)
}

function placeOf(text: string, list: URL, isSecure: boolean): URL | undefined {
  const isFolder = list.protocol === 'file:'
  const url = URL.parse(text.startsWith('/') && isFolder ? `file://${text}` : text)
  if (url === null || /[\s\u0000-\u001f\u007f]/.test(text)) return undefined
  if (url.protocol !== 'https:' && (isSecure || url.protocol !== 'http:') && !(isFolder && url.protocol === 'file:'))
    return undefined
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return undefined
  const { pathname } = url
  url.pathname = (pathname.endsWith(`/${file}`) ? pathname.slice(0, -file.length) : pathname).replace(/\/*$/, '/')
  return url
}

function named(text: string): string {
  const url = URL.parse(text)
  return JSON.stringify((url === null ? text : shown(url)).slice(0, 120))
}
