import type { Repo } from '../../src/config/repo.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'
import { runRepo } from '../../src/jobs/run.ts'
import type { State } from '../../src/store/state.ts'
import { rememberLook } from '../../src/sync/look.ts'
import { sync } from '../../src/sync/sync.ts'
import { openUpstream } from '../../src/upstream/upstream.ts'

type Here = { state: State; emit: Parameters<typeof runRepo>[1]['emit']; program: string }

/** One run of a repository, wholly in this process. */
export async function syncHere(repo: Repo, here: Here): Promise<Outcome> {
  const { signal } = new AbortController()
  const asked = { acceptShrink: true, overrides: undefined, signal }
  return await runRepo(repo, {
    ...here,
    ...asked,
    async syncTo(from, edition) {
      const upstream = await openUpstream(from, 4)
      try {
        const result = await sync(from, edition, { ...here, ...asked, upstream, connections: () => 4 })
        rememberLook(from, result.edition, here.state, result.until)
        return result
      } finally {
        await upstream.close()
      }
    },
  })
}
