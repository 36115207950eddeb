import { loadConfig } from '../../../src/config/load.ts'
import type { Repo } from '../../../src/config/repo.ts'
import { openForLook } from '../../../src/jobs/upstream.ts'
import { repoRow } from '../../../src/store/generations.ts'
import { openState } from '../../../src/store/state.ts'
import type { Edition, Known } from '../../../src/sync/edition.ts'
import { fetchEdition } from '../../../src/sync/fetchEdition.ts'
import { judgeOf } from '../../../src/sync/trust/judge.ts'
import { type KnownMirrors, openUpstream, type Upstream } from '../../../src/upstream/upstream.ts'
import { runOnce } from '../syncing.ts'
import type { Listing } from './listing.ts'

/** What a look at the upstream of a listing finds: undefined where it is what is known. */
export async function lookAt(
  { site }: Listing,
  { known = {}, remembered = {} }: { known?: Known; remembered?: KnownMirrors } = {},
): Promise<{ edition: Edition | undefined; upstream: Upstream }> {
  const { repos } = await loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.dir })
  const repo = repos[0] as Repo
  const state = openState({ root: site.root, state: site.state }, 'a test')
  const upstream = await openUpstream(repo, 4, remembered)
  const { signal } = new AbortController()
  const judge = judgeOf({ repo, row: repoRow(state.database, repo), state, upstream, signal, notice: () => {} })
  try {
    return { edition: await fetchEdition(upstream, known, repo, signal, judge), upstream }
  } finally {
    await upstream.close()
    state.close()
  }
}

/** A run in this process, with what is remembered of mirrors; undefined where it finds nothing to do. */
export async function runHere({ site }: Listing) {
  const { repos } = await loadConfig(site.configFile, { varsFolders: [], basearch: 'x86_64', home: site.dir })
  const state = openState({ root: site.root, state: site.state }, 'a test')
  try {
    const repo = repos[0] as Repo
    return await runOnce(repo, state, [], { upstream: await openForLook(repo, state) })
  } finally {
    state.close()
  }
}
