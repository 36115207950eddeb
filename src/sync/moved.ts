import { fetchSnapshot } from './fetchSnapshot.ts'
import type { Run } from './run.ts'
import type { Snapshot } from './snapshot.ts'
import { fetchTreeinfo } from './tree/treeinfo.ts'
import { judgeOf } from './trust/judge.ts'

/** The snapshot with the treeinfo that the upstream has beside it. */
export async function withTreeinfo(snapshot: Snapshot, { repo, upstream, signal }: Run): Promise<Snapshot> {
  return { ...snapshot, treeinfo: await fetchTreeinfo(repo, upstream, signal) }
}

/** The snapshot that the upstream has moved to; undefined where it has not, or cannot be asked. */
export async function newerSnapshot(snapshot: Snapshot, run: Run): Promise<Snapshot | undefined> {
  try {
    const { upstream, repo, signal } = run
    const found = await fetchSnapshot(upstream, { last: snapshot.sha256 }, repo, signal, judgeOf(run))
    const now = found as Snapshot
    const whole = await withTreeinfo(now, run)
    const isSame = whole.sha256 === snapshot.sha256 && whole.treeinfo?.sha256 === snapshot.treeinfo?.sha256
    return isSame ? undefined : whole
  } catch {
    // What led to the question is the error to tell.
    return undefined
  }
}
