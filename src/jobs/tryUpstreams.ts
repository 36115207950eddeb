import pLimit from 'p-limit'
import type { Config, Repo } from '../config/repo.ts'
import { openDatabase } from '../store/database.ts'
import { repoRow } from '../store/generations.ts'
import { fetchDocument } from '../sync/document.ts'
import type { Edition } from '../sync/edition.ts'
import { fetchEdition } from '../sync/fetchEdition.ts'
import { judgeOf } from '../sync/trust/judge.ts'
import { isGone } from '../upstream/retry.ts'
import { openUpstream, type Upstream } from '../upstream/upstream.ts'
import { type Facts, plainError } from './facts.ts'
import { ofRepo } from './outcome.ts'

/** What an upstream is like today, or why it cannot be reached; times in milliseconds since 1970. */
export type Tried = {
  repo: string
  /** Without what nobody is shown. */
  upstream: string
  mirrors?: number
  /** When the newest of its metadata was made. */
  repomd?: number | undefined
  /** Whether its repomd.xml has a signature beside it. */
  isSigned?: boolean
  /** When the first of the servers' certificates expires, and ours. */
  serverCertificate?: number | undefined
  clientCertificate?: number | undefined
  error?: Facts['error']
}

/** Looks at the upstreams of repositories, a few at once, and changes nothing. Local folders and archives are none. */
export async function tryUpstreams({ workers }: Config, repos: readonly Repo[], signal: AbortSignal): Promise<Tried[]> {
  const limit = pLimit(workers)
  const apart = repos.flatMap((repo) =>
    repo.merge.length > 0 ? repo.merge.map((url) => ({ ...repo, baseurl: [url], merge: [] })) : repo,
  )
  const remote = apart.filter(({ local, archive }) => local.length === 0 && archive === undefined)
  return await Promise.all(remote.map((repo) => limit(() => tryOne(repo, signal))))
}

async function tryOne(repo: Repo, signal: AbortSignal): Promise<Tried> {
  const about = { repo: repo.id, upstream: repo.list?.url.replace(/\?.*/s, '') ?? repo.baseurl.join(' ') }
  // Whoever looks on does not want to wait for what may be better later.
  const impatient = { ...repo, transfer: { ...repo.transfer, retries: 0 } }
  try {
    const upstream = await openUpstream(impatient, 1)
    // Nothing is remembered: signatures are verified as for the first time.
    using database = openDatabase(':memory:')
    const row = repoRow(database, impatient)
    const judge = judgeOf({ repo: impatient, row, state: { database }, upstream, signal, notice: () => {} })
    try {
      const { repomd } = (await fetchEdition(upstream, {}, impatient, signal, judge)) as Edition
      const times = repomd.records.map(({ timestamp }) => timestamp ?? 0)
      return {
        ...about,
        mirrors: upstream.mirrors.all.length,
        repomd: times.some((time) => time > 0) ? Math.max(...times) * 1000 : undefined,
        isSigned: await isSigned(upstream, impatient, signal),
        serverCertificate: upstream.certificates.server(),
        clientCertificate: upstream.certificates.client,
      }
    } finally {
      await upstream.close()
    }
  } catch (error) {
    return { ...about, error: plainError(ofRepo(repo, error)) }
  }
}

async function isSigned(upstream: Upstream, { transfer }: Repo, signal: AbortSignal): Promise<boolean> {
  const asked = { path: 'repodata/repomd.xml.asc', known: {}, limit: 1024 * 1024 }
  try {
    await fetchDocument(upstream, asked, transfer, signal)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}
