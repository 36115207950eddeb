import type { Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import { shown } from '../upstream/transport.ts'
import { FetchError } from './download.ts'
import type { Edition } from './edition.ts'
import { fetchPlan } from './fetchPlan.ts'
import { newerEdition, withTreeinfo } from './moved.ts'
import { placePackages } from './place.ts'
import { makePlan } from './plan.ts'
import { publishPlan, type SyncResult } from './publishPlan.ts'
import { regenerate } from './regenerate.ts'
import { withRoom } from './room.ts'
import { type Run, type SyncContext, startRun } from './run.ts'

/** After so many new plans without an end the upstream is given up until the next run. */
const maxReplans = 3

/**
 * Brings one repository to its upstream's newest edition. A run finishes the edition that it began; only when a file
 * of it is gone or changed does it look for another and plan again, with what is in the pool already.
 */
export async function sync(repo: Repo, first: Edition, context: SyncContext): Promise<SyncResult> {
  const run = startRun(repo, context)
  let edition = await withTreeinfo(first, run).catch((error) => {
    throw about(error, run)
  })
  for (let replans = 0; ; replans++) {
    try {
      return await bringTo(edition, run)
    } catch (error) {
      const moved = await movedFrom(edition, error, run)
      if (moved === undefined) throw about(error, run)
      if (replans === maxReplans) {
        const reason = `the upstream changed ${replans + 1} times while it was read; run again later`
        throw about(new MirrorError('E_MOVING', reason, { cause: error }), run)
      }
      run.notice('info', 'the upstream changed meanwhile; planning again')
      edition = moved
    }
  }
}

/** The whole of a run on one edition: plan, fetch, place, regenerate, publish. */
async function bringTo(edition: Edition, run: Run): Promise<SyncResult> {
  const plan = await makePlan(edition, run)
  const fetched = await withRoom(plan, run, () => fetchPlan(plan, run))
  const placed = placePackages(fetched, run)
  const files = await regenerate(placed, run)
  return await publishPlan(placed, files, run)
}

/** The edition that the upstream has moved to, when that explains the error; undefined otherwise. */
async function movedFrom(edition: Edition, error: unknown, run: Run): Promise<Edition | undefined> {
  if (!(error instanceof FetchError) || !error.moved || run.signal.aborted) return undefined
  return await newerEdition(edition, run)
}

/** An error that names the upstream, as that of a failed fetch does by itself. */
function about(cause: unknown, { repo, upstream, signal }: Run): unknown {
  const error = fromSystem(cause)
  if (!(error instanceof MirrorError) || error instanceof FetchError || signal.aborted) return error
  const from = sourcesOf(repo, upstream).join(' and ')
  const message = `Cannot sync from ${from}: ${error.message}`
  return new MirrorError(error.code, message, { cause: error })
}

/** What the repository is made from, as messages name it. */
function sourcesOf({ local }: Repo, { mirrors, list, origins }: Run['upstream']): string[] {
  if (local.length > 0) return local
  if (origins.length > 0) return origins.flatMap(({ urls }) => urls.map(shown))
  return [shown(list === undefined ? (mirrors.urls[0] as URL) : new URL(list.url))]
}
