import { isUnique, type MetadataFile } from '../publish/pooled.ts'
import { publish, restore } from '../publish/publish.ts'
import { makeRepomd } from '../publish/repomd.ts'
import { stageSignatureBefore } from '../publish/signed.ts'
import { type Link, weakest } from '../store/chain.ts'
import { compareStaged, recordDropped } from '../store/members.ts'
import type { Edition } from './edition.ts'
import { nextExpiry } from './kept.ts'
import type { PublishedEdition } from './look.ts'
import { mergedChain } from './merge/chain.ts'
import { type PlacedPlan, placeMetadata } from './place.ts'
import type { Plan } from './plan.ts'
import { generationBefore, type Run } from './run.ts'
import { seenFiles } from './tree/fetch.ts'
import { linkOf } from './trust/link.ts'
import { verbatimRepomd } from './verbatim/metadata.ts'

/** What a run did. Bytes are those that came over the network. */
export type SyncResult = {
  result: 'published' | 'unchanged'
  generation: number | undefined
  packages: number
  added: number
  removed: number
  bytes: number
  /** What the upstream names and does not have, and what is published lacks therefore. */
  missing: string[]
  /** Metadata that is published under names which other contents will have too. */
  unhashed: string[]
  /** The edition that is published now. */
  edition: PublishedEdition
  /** When the same edition will give another result (milliseconds), 0 for at once; undefined for never. */
  until: number | undefined
}

/** Publishes a plan whose packages are placed and whose metadata is written; nothing, where clients have just that. */
export async function publishPlan(placed: PlacedPlan, files: MetadataFile[], run: Run): Promise<SyncResult> {
  const { plan, tree, missing } = placed
  const { state, repo, row, ledger, progress, signal } = run
  for (const file of files) ledger.add(file)
  await ledger.settle()
  placeMetadata(files, state)
  signal.throwIfAborted()
  const before = generationBefore(run)
  const destination = { repo: row, path: repo.path, sign: repo.sign }
  const isSignedAlike = await stageSignatureBefore(state, row, repo.sign)
  const { added, removed, changed } = compareStaged(state.database, row)
  const edition = { ...plan.edition, files: seenFiles(tree) }
  const unhashed = files.filter((file) => !isUnique(file)).map(({ path }) => path)
  const done = { packages: plan.packages, added, removed, bytes: progress.bytes, missing, unhashed, edition }
  const isVerbatim = repo.metadata === 'upstream'
  const isSame = !changed && isSignedAlike && (!isVerbatim || before?.repomd === edition.sha256)
  const until = missing.length > 0 ? 0 : earliest(nextExpiry(plan.kept, repo), plan.nextRipe)
  // A published repomd.xml that was edited in place is damaged in the pool too: another one takes its place.
  if (isSame && before !== undefined && (await state.pool.isIntact(before.repomd))) {
    recordDropped(state.database, row)
    restore(state, destination, before)
    return { ...done, until, result: 'unchanged', generation: before.number }
  }
  progress.stage('publish')
  const made = isVerbatim ? verbatimRepomd(edition, run) : makeRepomd(edition.repomd, files, before)
  const generation = await publish(state, destination, { ...made, ...remembered(plan, run) })
  return { ...done, until, result: 'published', generation: generation.number }
}

function earliest(...times: (number | undefined)[]): number | undefined {
  const stated = times.filter((time) => time !== undefined)
  return stated.length === 0 ? undefined : Math.min(...stated)
}

/** What to remember of a generation besides its files. */
function remembered({ packages, bytes, edition, upstream: { table } }: Plan, run: Run) {
  const chain = chainOf(edition, run)
  const trust = weakest(chain)?.root ?? 'none'
  return { packages, bytes, upstreamPackages: table.length, trust, chain, overrides: run.overrides }
}

/** What vouches for the metadata of each upstream. */
function chainOf(edition: Edition, { repo, state }: Run): Link[] {
  return repo.merge.length > 0 ? mergedChain(repo, state) : [linkOf(edition, repo)]
}
