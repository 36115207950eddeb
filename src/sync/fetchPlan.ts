import type { MetadataFile } from '../publish/pooled.ts'
import { carriedFile } from './carried.ts'
import { fetchAll } from './fetch.ts'
import { fetchRecords } from './fetchRecords.ts'
import type { Plan } from './plan.ts'
import type { Run } from './run.ts'
import { type Wanted, wantedPackages } from './wanted.ts'

/** A plan whose packages are all in the pool, verified and recorded, and the carried metadata with them. */
export type FetchedPlan = { plan: Plan; carried: MetadataFile[] }

/** Fetches all that a plan wants and the pool lacks. What came before a failure is kept and recorded too. */
export async function fetchPlan(plan: Plan, run: Run): Promise<FetchedPlan> {
  const { progress, ledger, downloads, connections, signal } = run
  progress.expect(plan.upstream.rows.length, plan.bytes)
  const packages = fetchAll(missingPackages(plan, run), connections, signal, async (wanted) => {
    ledger.add(await downloads.download(wanted))
    progress.counted()
  })
  const [carried] = await allOf(fetchRecords(plan.carried, run), packages).finally(() => ledger.settle())
  return { plan, carried: carried.map(({ record, content }) => carriedFile(record, content)) }
}

/** The wanted packages that are not in the pool; those that are count as done. */
function* missingPackages(plan: Plan, { upstream, downloads, progress }: Run): Generator<Wanted> {
  for (const wanted of wantedPackages(plan.upstream, upstream.bases))
    if (downloads.present(wanted) === undefined) yield wanted
    else progress.counted()
}

/** Both results; when one fails, the other is waited for before the error is thrown. */
async function allOf<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return await Promise.all([a, b])
}
