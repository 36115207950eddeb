import type { RepomdRecord } from '../repodata/repomd.ts'
import type { Content } from '../store/content.ts'
import { fetchAll } from './fetch.ts'
import type { Run } from './run.ts'
import { type Wanted, wantedRecord } from './wanted.ts'

/** Metadata files and their contents, which are in the pool. */
export type FetchedRecord = { record: RepomdRecord; content: Content }

/** Brings metadata files into the pool; the result has them in the order in which they are given. */
export async function fetchRecords(records: readonly RepomdRecord[], run: Run): Promise<FetchedRecord[]> {
  const { repo, upstream, connections, signal, downloads, ledger } = run
  const fetched = new Map<Wanted, Content>()
  const wanted = records.map((record) => wantedRecord(record, repo, upstream.bases))
  await fetchAll(wanted, connections, signal, async (one) => {
    fetched.set(one, downloads.present(one) ?? (await downloads.download(one)))
  })
  for (const content of fetched.values()) ledger.add(content)
  return records.map((record, i) => ({ record, content: fetched.get(wanted[i] as Wanted) as Content }))
}
