import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromSystem, isSystemError, MirrorError } from '../../errors.ts'
import { shown } from '../../upstream/transport.ts'
import { fetchDocument } from '../document.ts'
import type { Run } from '../run.ts'

const limits = { bytes: 4 * 1024 * 1024, names: 10_000 }

/**
 * The names of files in a folder of the upstream, as its page links to them (Apache's, nginx's and most others' indexes);
 * of a folder on disk its entries.
 * @param folder below the repository, empty or with a slash at its end
 */
export async function listFolder(folder: string, { upstream, repo, signal }: Run): Promise<string[]> {
  const first = new URL(folder, upstream.mirrors.urls[0])
  if (first.protocol === 'file:') return entriesOf(first)
  const asked = { path: folder === '' ? './' : folder, known: {}, limit: limits.bytes }
  const page = await fetchDocument(upstream, asked, repo.transfer, signal)
  const names = page === undefined ? new Set<string>() : linkedNames(page.bytes.toString('utf8'), page.url)
  if (names.size > limits.names)
    throw new MirrorError('E_LIMIT', `${shown(first)} lists more than ${limits.names} files`)
  return [...names]
}

function entriesOf(url: URL): string[] {
  try {
    return readdirSync(fileURLToPath(url), { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw fromSystem(error, `Cannot list ${fileURLToPath(url)}`)
  }
}

/** An attribute that begins further from its tag than this is not looked for: no page makes the search slow. */
const link = /<a\s[^<>]{0,300}?href\s*=\s*(?:"([^"<>]{1,2000})"|'([^'<>]{1,2000})')/gi

/** The files right below the page's folder that it links to; sorting links, parents and other places are none. */
export function linkedNames(html: string, page: URL): Set<string> {
  const names = new Set<string>()
  for (const [, double, single] of html.matchAll(link)) {
    const href = (double ?? single ?? '').replaceAll('&amp;', '&')
    if (!URL.canParse(href, page)) continue
    const url = new URL(href, page)
    const isBelow = url.host === page.host && url.pathname.startsWith(page.pathname) && url.search === ''
    const name = isBelow ? decoded(url.pathname.slice(page.pathname.length)) : undefined
    if (name !== undefined && name !== '' && !name.includes('/')) names.add(name)
  }
  return names
}

function decoded(name: string): string | undefined {
  try {
    return decodeURIComponent(name)
  } catch {
    return undefined
  }
}
