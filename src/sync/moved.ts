import type { Edition } from './edition.ts'
import { fetchEdition } from './fetchEdition.ts'
import type { Run } from './run.ts'
import { fetchTreeinfo } from './tree/treeinfo.ts'
import { judgeOf } from './trust/judge.ts'

/** The edition with the treeinfo that the upstream has beside it. */
export async function withTreeinfo(edition: Edition, { repo, upstream, signal }: Run): Promise<Edition> {
  return { ...edition, treeinfo: await fetchTreeinfo(repo, upstream, signal) }
}

/** The edition that the upstream has moved to; undefined where it has not, or cannot be asked. */
export async function newerEdition(edition: Edition, run: Run): Promise<Edition | undefined> {
  try {
    const { upstream, repo, signal } = run
    const found = await fetchEdition(upstream, { last: edition.sha256 }, repo, signal, judgeOf(run))
    const now = found as Edition
    const whole = await withTreeinfo(now, run)
    const isSame = whole.sha256 === edition.sha256 && whole.treeinfo?.sha256 === edition.treeinfo?.sha256
    return isSame ? undefined : whole
  } catch {
    // What led to the question is the error to tell.
    return undefined
  }
}
