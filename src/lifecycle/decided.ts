import type { Database } from '../store/database.ts'
import { originsOf } from '../store/origins.ts'
import type { Candidate } from './gate.ts'

/**
 * Why neither a schedule nor a channel that follows promotes a generation, in words: somebody went back from it there, or
 * has promoted a later one already. Undefined where nobody has decided so.
 */
export function decidedAgainst({ source, before }: Candidate, database: Database): string | undefined {
  if (before === undefined) return undefined
  const origins = originsOf(database, before.repo)
  const shown = origins.find(({ generation }) => generation === before.generation.number)
  if (shown === undefined) return undefined
  const { verb, by, generation, sourceGeneration } = shown
  const what = `generation ${source.generation.number} of ${source.path}`
  if (verb === 'promote' && shown.source === source.path && sourceGeneration > source.generation.number)
    return `${before.path} shows generation ${sourceGeneration} of it already, promoted by ${by}; ${what} is older`
  const left = origins.filter((one) => one.generation > sourceGeneration && one.generation < generation)
  const isLeft = left.some((one) => one.source === source.path && one.sourceGeneration === source.generation.number)
  if (verb !== 'rollback' || !isLeft) return undefined
  return `${by} went back from ${what} in ${before.path}; promote it by hand, or wait for another one`
}
