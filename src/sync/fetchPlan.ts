import type { MetadataFile } from '../publish/pooled.ts'
import { carriedFile } from './carried.ts'
import { FetchError } from './download.ts'
import { fetchAll } from './fetch.ts'
import { fetchRecords } from './fetchRecords.ts'
import type { Gpgcheck } from './gpgcheck/checking.ts'
import { openGpgcheck } from './gpgcheck/gpgcheck.ts'
import { signedOf } from './gpgcheck/kept.ts'
import { guardMissing, type Missing, missingFiles } from './missing.ts'
import { newerEdition } from './moved.ts'
import { bytesOf, type Plan } from './plan.ts'
import type { Run } from './run.ts'
import { type FetchedFile, fetchTree } from './tree/fetch.ts'
import { verbatimFile } from './verbatim/file.ts'
import { type Wanted, wantedPackages } from './wanted.ts'

/**
 * A plan whose packages are all in the pool, verified and recorded, and with them the carried metadata and the files of
 * a tree. What is `missing` upstream, by the names of messages, the plan does without.
 */
export type FetchedPlan = { plan: Plan; carried: MetadataFile[]; tree: FetchedFile[]; missing: string[] }

/** Fetches all that a plan wants and the pool lacks. What came before a failure is kept and recorded too. */
export async function fetchPlan(whole: Plan, run: Run): Promise<FetchedPlan> {
  const { progress, ledger } = run
  const missing = missingFiles(run)
  const gpgcheck = await openGpgcheck(run)
  const plan = gpgcheck === undefined ? whole : await withSignedOnly(whole, gpgcheck, run)
  progress.expect(plan.upstream.rows.length, plan.bytes)
  const fetching = [
    fetchRecords(plan.carried, run, missing),
    fetchTree(plan.tree, missing, run),
    fetchPackages(plan, gpgcheck, missing, run),
  ] as const
  const [records, tree, lacking] = await allOf(fetching).finally(() => ledger.settle())
  const asFile = run.repo.metadata === 'upstream' ? verbatimFile : carriedFile
  const fetched = {
    plan,
    tree,
    carried: records.map(({ record, content }) => asFile(record, content)),
    missing: [],
  }
  return missing.first === undefined ? fetched : await without(lacking, fetched, missing, run)
}

/** The plan without packages that are kept although no key that counts has signed them. */
async function withSignedOnly(plan: Plan, gpgcheck: Gpgcheck, run: Run): Promise<Plan> {
  const kept = await signedOf(plan.kept, gpgcheck, run)
  return { ...plan, kept, packages: plan.upstream.rows.length + (kept?.rows.length ?? 0) }
}

/** Fetches the packages; the result has the digests of those that are missing. */
async function fetchPackages(
  plan: Plan,
  gpgcheck: Gpgcheck | undefined,
  missing: Missing,
  run: Run,
): Promise<Set<string>> {
  const { progress, ledger, downloads, connections, signal } = run
  const lacking = new Set<string>()
  const fetching = fetchAll(packagesToFetch(plan, gpgcheck, run), connections, signal, async (wanted) => {
    const content = await missing.orNone(downloads.download(wanted))
    if (content === undefined) lacking.add(wanted.digest.hex)
    else ledger.add(content)
    progress.counted()
  })
  await fetching.finally(() => gpgcheck?.write())
  return lacking
}

/** The wanted packages that are not in the pool; those that are count as done. */
function* packagesToFetch(
  plan: Plan,
  gpgcheck: Gpgcheck | undefined,
  { upstream, downloads, progress }: Run,
): Generator<Wanted> {
  for (const wanted of wantedPackages(plan.upstream, upstream, gpgcheck))
    if (downloads.present(wanted) === undefined) yield wanted
    else progress.counted()
}

/** The plan without what is missing, unless that is so because the upstream has moved on. */
async function without(lacking: Set<string>, fetched: FetchedPlan, missing: Missing, run: Run): Promise<FetchedPlan> {
  const { plan } = fetched
  const { upstream, kept } = plan
  if ((await newerEdition(plan.edition, run)) !== undefined) throw missing.first as FetchError
  guardMissing(lacking.size, upstream.rows.length, run)
  missing.tell()
  const rows = upstream.rows.filter((row) => !lacking.has(upstream.table.checksum(row).hex))
  const packages = rows.length + (kept?.rows.length ?? 0)
  const lesser = { ...plan, upstream: { ...upstream, rows }, packages, bytes: bytesOf(upstream.table, rows) }
  return { ...fetched, plan: lesser, missing: missing.names }
}

/** All results; where one fails, the others are waited for, and the error that is thrown names all files that failed. */
async function allOf<A, B, C>(all: readonly [Promise<A>, Promise<B>, Promise<C>]): Promise<[A, B, C]> {
  const failures = (await Promise.allSettled(all)).flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (failures.length < 2) return await Promise.all(all)
  const other = failures.find((failure) => !(failure instanceof FetchError))
  if (other !== undefined) throw other
  const [first, ...rest] = (failures as FetchError[]).sort((a, b) => Number(b.moved) - Number(a.moved)) as [FetchError]
  for (const { message } of rest as FetchError[]) first.message += `; ${message}`
  throw first
}
