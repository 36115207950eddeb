import type { Repo } from '../config/repo.ts'
import { folderTransport } from './folder.ts'
import { withPace } from './pace.ts'
import { withRedirects } from './redirects.ts'
import type { Transport } from './transport.ts'

/** An opened way to a repository's upstream. */
export type Upstream = {
  /** What every href of the metadata is relative to; ends with a slash. */
  readonly base: URL
  readonly transport: Transport
  close(): Promise<void>
}

const defaultUserAgent = 'mirror/0.1 (RPM repository mirror)'

/** Opens the upstream of a repository: over http(s) with the rules of fetching wrapped around, or as a folder. */
export async function openUpstream(repo: Pick<Repo, 'baseurl' | 'transfer'>, connections: number): Promise<Upstream> {
  const base = new URL(repo.baseurl[0] as string)
  if (base.protocol === 'file:') return { base, transport: folderTransport, close: async () => {} }
  const { httpTransport } = await import('./http.ts')
  const { timeoutMs, userAgent = defaultUserAgent } = repo.transfer
  const http = httpTransport({ connections, timeoutMs, userAgent })
  return { base, transport: withPace(withRedirects(http), repo.transfer), close: () => http.close() }
}
