import type { RepomdRecord } from '../repodata/repomd.ts'
import type { Content } from '../store/content.ts'
import { fetchAll } from './fetch.ts'
import type { Missing } from './missing.ts'
import type { Run } from './run.ts'
import { type Wanted, wantedRecord } from './wanted.ts'

/** Metadata files and their contents, which are in the pool. */
export type FetchedRecord = { record: RepomdRecord; content: Content }

/**
 * Brings metadata files into the pool; the result has them in the order in which they are given.
 * @param missing takes up those that the upstream does not have, where they may be left out
 */
export async function fetchRecords(
  records: readonly RepomdRecord[],
  run: Run,
  missing?: Missing,
): Promise<FetchedRecord[]> {
  const { repo, upstream, connections, signal, downloads, ledger } = run
  const fetched = new Map<Wanted, Content>()
  const wanted = records.map((record) => wantedRecord(record, repo, upstream))
  await fetchAll(wanted, connections, signal, async (one) => {
    const fetching = Promise.resolve(downloads.present(one) ?? downloads.download(one))
    const content = await (missing?.orNone(fetching) ?? fetching)
    if (content !== undefined) fetched.set(one, content)
  })
  for (const content of fetched.values()) ledger.add(content)
  return records.flatMap((record, i) => {
    const content = fetched.get(wanted[i] as Wanted)
    return content === undefined ? [] : [{ record, content }]
  })
}
