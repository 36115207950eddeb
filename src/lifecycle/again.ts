import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Repo } from '../config/repo.ts'
import { fromSystem, MirrorError } from '../errors.ts'
import { companions } from '../publish/fixedNames.ts'
import { type Destination, type NewGeneration, publish } from '../publish/publish.ts'
import { repomdAgain } from '../publish/repomd.ts'
import { currentGeneration, findRepo, type Generation, repoRow } from '../store/generations.ts'
import { compareStaged, stageAsShown, stageGeneration, unstage } from '../store/members.ts'
import { type Origin, recordOrigin } from '../store/origins.ts'
import type { State } from '../store/state.ts'

/** A published generation, and the publish path that it is of. */
export type Source = { path: string; repo: number; generation: Generation }

/** What clients see at a publish path; undefined for nothing. */
export function shownAt({ database }: Pick<State, 'database'>, path: string): Source | undefined {
  const repo = findRepo(database, path)
  const generation = repo === undefined ? undefined : currentGeneration(database, repo)
  return repo === undefined || generation === undefined ? undefined : { path, repo, generation }
}

/** The place of a repository's tree at another path than its own. */
export function destinationAt({ database }: State, { id, sign }: Repo, path: string): Destination {
  const signing = { sign }
  return { repo: repoRow(database, { path, id }), path, ...signing }
}

/** How a source was published again; counts are of packages. */
export type Shown = { result: 'published' | 'unchanged'; generation: number; added: number; removed: number }

/**
 * Publishes a generation once more, at another path or at its own: rows are copied and names linked, no package is read.
 * Nothing, where clients see just that.
 * @param also what else is recorded with it, given the new generation's number
 */
export async function showAgain(
  state: State,
  source: Source,
  { destination, repo }: { destination: Destination; repo: Repo },
  origin: Omit<Origin, 'source' | 'sourceGeneration' | 'at'>,
  also: (generation: number) => void = () => {},
): Promise<Shown> {
  const { database } = state
  stageGeneration(database, source.repo, source.generation.number)
  refuseLost(state, source)
  const before = currentGeneration(database, destination.repo)
  // What is signed here is signed anew only where something else changes.
  if (repo.sign !== undefined) stageAsShown(database, destination.repo, companions)
  const isSame = () => before !== undefined && !compareStaged(database, destination.repo).changed
  if (before !== undefined && isSame()) return { result: 'unchanged', generation: before.number, added: 0, removed: 0 }
  const made = madeOf(state, source, before, repo)
  // A signature is of the bytes that it was made for.
  if (!isSource(made, source)) unstage(database, companions)
  if (before !== undefined && isSame()) return { result: 'unchanged', generation: before.number, added: 0, removed: 0 }
  const { added, removed } = compareStaged(database, destination.repo)
  const { number } = await publish(state, destination, made, (generation) => {
    recordOrigin(database, destination.repo, generation, originOf(source, origin))
    also(generation)
  })
  return { result: 'published', generation: number, added, removed }
}

/** A generation that names what was damaged and could not be repaired was withdrawn, and is not shown again. */
function refuseLost({ database, pool }: State, { path, generation }: Source): void {
  const sql = 'SELECT path, lower(hex(sha256)) AS sha256 FROM staged WHERE sha256 NOT IN (SELECT sha256 FROM content)'
  const unsure = database.prepare(sql).all() as { path: string; sha256: string }[]
  const [lost, ...more] = unsure.filter(({ sha256 }) => pool.size(sha256) === undefined)
  if (lost === undefined) return
  const others = more.length > 0 ? ` and ${more.length} more` : ''
  throw new MirrorError(
    'E_DAMAGED',
    `generation ${generation.number} of ${path} names ${lost.path}${others}, damaged and lost; name another generation, or sync once the upstream has it again`,
  )
}

function isSource({ repomd }: NewGeneration, { generation }: Source): boolean {
  return createHash('sha256').update(repomd).digest('hex') === generation.repomd
}

/** An origin as it is recorded. */
export function originOf(
  { path, generation }: Source,
  origin: Omit<Origin, 'source' | 'sourceGeneration' | 'at'>,
): Origin {
  return { ...origin, source: path, sourceGeneration: generation.number, at: Date.now() }
}

/**
 * What a source is published as after another generation. Upstream's own repomd.xml stays as it is, for its signature's sake.
 * @throws E_IO where its repomd.xml is not in the pool
 */
export function madeOf(
  { pool }: Pick<State, 'pool'>,
  { path, generation }: Source,
  before: Generation | undefined,
  { metadata }: Repo,
): NewGeneration {
  const { number, state: _state, created: _created, superseded: _superseded, ...kept } = generation
  let bytes: Buffer
  try {
    bytes = readFileSync(pool.path(generation.repomd))
  } catch (error) {
    throw fromSystem(error, `Cannot read the repomd.xml of generation ${number} of ${path}`)
  }
  return { ...kept, ...repomdAgain(bytes, generation, metadata === 'upstream' ? undefined : before) }
}
