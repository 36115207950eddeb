import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { channelPath, isPlainName, snapshotPath, snapshotsFolder, takes } from '../config/channels.ts'
import { chooseRepos } from '../config/choose.ts'
import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { place, prepare } from '../publish/publish.ts'
import { makingFolder, removeSnapshot, showSnapshot, snapshotFolder } from '../publish/snapshots.ts'
import { type Database, transaction } from '../store/database.ts'
import { stageGeneration } from '../store/members.ts'
import { recordOrigin } from '../store/origins.ts'
import { addSnapshot, type SnapshotRow, snapshotRows } from '../store/snapshots.ts'
import type { State } from '../store/state.ts'
import { destinationAt, madeOf, originOf, type Source, shownAt } from './again.ts'
import { chosenChannel } from './chosen.ts'
import type { Operating } from './operating.ts'

/** A name, repositories by ids or globs (none: all), and the channel that is frozen (undefined: the repositories' own paths). */
export type SnapshotArguments = { name: string; repos: string[]; channel?: string | undefined }

/** One repository of a snapshot: what it freezes. Bytes are those of its packages. */
export type Frozen = {
  repo: string
  path: string
  source: string
  sourceGeneration: number
  packages: number
  bytes: number
}

/** A snapshot that was made; `left` has nothing published that could be frozen. */
export type Created = { name: string; repos: Frozen[]; left: string[] }

/** What making a snapshot writes: one is made or dropped at a time. @throws E_USAGE for a name that cannot be one */
export function createdPaths(config: Config, given: SnapshotArguments): string[] {
  return [snapshotsFolder, ...frozenRepos(config, given).map((repo) => snapshotPath(given.name, repo))]
}

function frozenRepos(config: Config, { name, repos, channel }: SnapshotArguments): Repo[] {
  if (!isPlainName(name))
    throw new MirrorError(
      'E_USAGE',
      `${JSON.stringify(name)} cannot be a snapshot's name; use letters, digits, - _ and .`,
    )
  const chosen = chooseRepos(config, repos)
  if (channel === undefined) return chosen
  const from = chosenChannel(config, channel)
  return chosen.filter((repo) => takes(from, repo))
}

/**
 * Freezes what several repositories show at one instant: links and rows, no package is read. All of it is shown by one
 * rename, so that clients find the whole snapshot or none; a kill before that takes it back.
 * @throws E_USAGE for a name that is taken, or where nothing is published
 */
export async function createSnapshot(operating: Operating<SnapshotArguments>): Promise<Created> {
  const { state, config, by, arguments: given, signal } = operating
  const { database } = state
  const { name, channel } = given
  checkFree(state, name)
  // One instant: others publish meanwhile, and none of them between two of these.
  const sources = transaction(database, () =>
    frozenRepos(config, given).map((repo) => {
      const path = channel === undefined ? repo.path : channelPath(channel, repo)
      return { repo, source: shownAt(state, path) }
    }),
  )
  const frozen = sources.flatMap(({ repo, source }) => (source === undefined ? [] : [{ repo, source }]))
  if (frozen.length === 0) throw new MirrorError('E_USAGE', 'nothing is published that could be frozen')
  addSnapshot(database, { name, state: 'making', by, at: Date.now() })
  try {
    for (const { repo, source } of frozen) {
      signal.throwIfAborted()
      await freeze(state, name, { repo, source }, by)
    }
    showSnapshot(state, name)
  } catch (error) {
    removeSnapshot(state, name)
    throw error
  }
  const left = sources.flatMap(({ repo, source }) => (source === undefined ? [repo.id] : []))
  return { name, repos: frozen.map(({ repo, source }) => frozenOf(name, repo, source)), left }
}

function checkFree({ database, root }: State, name: string): void {
  const taken = snapshotRows(database).find((row) => row.name.toLowerCase() === name.toLowerCase())
  const folder = join(root, snapshotFolder(name))
  // It may be of a state that was lost: nobody else has its files.
  if (taken === undefined && lstatSync(folder, { throwIfNoEntry: false }) !== undefined)
    throw new MirrorError(
      'E_USAGE',
      `${folder} is there and no snapshot that is known; move it away, or choose another name`,
    )
  if (taken === undefined) return
  const since = new Date(taken.at).toISOString().slice(0, 10)
  throw new MirrorError(
    'E_USAGE',
    `there is a snapshot ${taken.name} since ${since}; choose another name, or mirror snapshot drop ${taken.name}`,
  )
}

/** Prepares a repository's part, and makes its tree where nobody is served it yet. */
async function freeze(state: State, name: string, { repo, source }: { repo: Repo; source: Source }, by: string) {
  const { database } = state
  stageGeneration(database, source.repo, source.generation.number)
  const destination = destinationAt(state, repo, snapshotPath(name, repo))
  const origin = originOf(source, { verb: 'snapshot', by, gates: [] })
  const generation = await prepare(state, destination, madeOf(state, source, undefined, repo), (number) =>
    recordOrigin(database, destination.repo, number, origin),
  )
  place(state, { ...destination, path: `${makingFolder(name)}/${repo.path}` }, generation)
}

function frozenOf(name: string, repo: Repo, { path, generation }: Source): Frozen {
  const { number, packages, bytes } = generation
  return { repo: repo.id, path: snapshotPath(name, repo), source: path, sourceGeneration: number, packages, bytes }
}

/** What becomes of a snapshot's name. */
export type Dropped = { name: string; repos: number }

/** Removes a snapshot's trees; what only it holds the next sweep takes out of the pool. @throws E_USAGE for one that there is not */
export async function dropSnapshot({ state, arguments: { name } }: Operating<{ name: string }>): Promise<Dropped> {
  const found = snapshotRows(state.database).find((row) => row.name === name)
  if (found === undefined) {
    const known = snapshotRows(state.database).map((row) => row.name)
    throw new MirrorError(
      'E_USAGE',
      `there is no snapshot ${name}; there ${known.length === 0 ? 'are none' : `is ${known.join(', ')}`}`,
    )
  }
  const repos = pathsBelow(state.database, name).length
  removeSnapshot(state, name)
  return await Promise.resolve({ name, repos })
}

function pathsBelow(database: Database, name: string): { id: number; path: string }[] {
  const folder = `${snapshotFolder(name)}/`
  const sql = 'SELECT id, path FROM repo WHERE substr(path, 1, length(:folder)) = :folder ORDER BY path'
  return database.prepare(sql).all({ folder }) as { id: number; path: string }[]
}

/** A snapshot as it is listed; times are milliseconds. */
export type SnapshotReport = SnapshotRow & { repos: Omit<Frozen, 'repo'>[] }

/** All snapshots, oldest first; reads only. */
export function listSnapshots(database: Database): SnapshotReport[] {
  return snapshotRows(database).map((row) => {
    const sql = `SELECT repo.path, source, source_generation AS sourceGeneration, packages, bytes
      FROM repo JOIN origin ON origin.repo = repo.id JOIN generation ON generation.repo = repo.id AND generation.number = origin.generation
      WHERE repo.id = ?`
    const repos = pathsBelow(database, row.name).flatMap(
      ({ id }) => database.prepare(sql).all(id) as Omit<Frozen, 'repo'>[],
    )
    return { ...row, repos }
  })
}
