import type { Repo } from '../../config/repo.ts'
import { type Source, withoutSlash } from '../../createrepo/merge/source.ts'
import { MirrorError } from '../../errors.ts'
import { shown } from '../../upstream/transport.ts'
import { openUpstream } from '../../upstream/upstream.ts'
import type { Edition } from '../edition.ts'
import { fetchEdition } from '../fetchEdition.ts'
import { fetchRecords } from '../fetchRecords.ts'
import { type SyncContext, startRun } from '../run.ts'
import { judgeOf, rememberOne } from '../trust/judge.ts'
import { isSignatureSeen, signaturePath } from '../trust/signatureFile.ts'
import type { Seen } from './seen.ts'

/** What merging may use. */
export type Merging = Pick<SyncContext, 'state' | 'emit' | 'signal' | 'acceptRollback'>

/** Metadata is fetched before there is a share of the host's connections. */
const connections = 1

/** One of the upstreams that are merged, until it is disposed of. */
export type MergedUpstream = AsyncDisposable & Awaited<ReturnType<typeof openMerged>>

/** Opens one of the upstreams of a repository. Its metadata files go to the pool, as those of any upstream. */
export async function openMerged(url: string, repo: Repo, merging: Merging) {
  const { state, signal } = merging
  const own = { ...repo, baseurl: [url], merge: [] }
  const upstream = await openUpstream(own, connections)
  const context = { ...merging, upstream, connections: () => connections, acceptShrink: false, overrides: undefined }
  const run = startRun(own, context)
  const judge = judgeOf(run)
  let known: Edition | undefined

  const edition = async (): Promise<Edition> => {
    known ??= await fetchEdition(upstream, {}, repo, signal, judge)
    return known as Edition
  }

  return {
    url,

    /** Whether the upstream's repomd.xml is the one that was seen last: one conditional request. */
    async look(seen: Seen[string] | undefined): Promise<boolean> {
      known = await fetchEdition(upstream, { validators: seen?.validators ?? {} }, repo, signal, judge)
      if (seen === undefined || (known !== undefined && known.sha256 !== seen.sha256)) return false
      const read = known?.proof.signature
      if (read !== undefined) return read.sha256 === seen.files[signaturePath]?.sha256
      return await isSignatureSeen(own, upstream, seen.files, signal)
    },

    edition,

    /** Holds what the upstream has next against what it has now. */
    async remember(): Promise<void> {
      rememberOne(await edition(), run)
    },

    /** The upstream as something to merge. */
    async source(): Promise<Source> {
      return {
        given: shown(new URL(url)),
        base: withoutSlash(url),
        repomd: (await edition()).repomd,
        async fileOf(record) {
          const [fetched] = await fetchRecords([record], run).finally(() => run.ledger.settle())
          if (fetched === undefined) throw new MirrorError('E_BUG', `${record.type} of ${url} was not fetched`)
          return state.pool.path(fetched.content.sha256)
        },
      }
    },

    [Symbol.asyncDispose]: () => upstream.close(),
  }
}
