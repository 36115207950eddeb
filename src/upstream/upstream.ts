import type { Repo } from '../config/repo.ts'
import { folderTransport } from './folder.ts'
import { withPace } from './pace.ts'
import { withRedirects } from './redirects.ts'
import type { Transport } from './transport.ts'

/** An opened way to a repository's upstream. */
export type Upstream = {
  /** What every href of the metadata is relative to: the same repository at one place or several; each ends with a slash. */
  readonly bases: readonly URL[]
  /** Other repositories that packages may be of, by their xml:base. */
  readonly origins: readonly URL[]
  readonly transport: Transport
  close(): Promise<void>
}

const defaultUserAgent = 'mirror/0.1 (RPM repository mirror)'

/** Opens the upstream of a repository: over http(s) with the rules of fetching wrapped around, or as a folder. */
export async function openUpstream(
  repo: Pick<Repo, 'baseurl' | 'transfer'> & Partial<Pick<Repo, 'merge'>>,
  connections: number,
): Promise<Upstream> {
  const bases = repo.baseurl.map((url) => new URL(url))
  const origins = (repo.merge ?? []).map((url) => new URL(url))
  if ([...bases, ...origins].every(isFolder))
    return { bases, origins, transport: folderTransport, close: async () => {} }
  const { httpTransport } = await import('./http.ts')
  const { timeoutMs, userAgent = defaultUserAgent } = repo.transfer
  const http = httpTransport({ connections, timeoutMs, userAgent })
  const network = withPace(withRedirects(http), repo.transfer)
  const transport: Transport = (request, receiver) =>
    (isFolder(request.url) ? folderTransport : network)(request, receiver)
  return { bases, origins, transport, close: () => http.close() }
}

function isFolder({ protocol }: URL): boolean {
  return protocol === 'file:'
}
