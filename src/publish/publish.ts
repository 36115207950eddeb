import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Sign } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { transaction } from '../store/database.ts'
import { fsyncDirectory } from '../store/durable.ts'
import {
  currentGeneration,
  type Generation,
  generations,
  markPublished,
  prepareGeneration,
} from '../store/generations.ts'
import { type Member, memberRows, recordMembers, type StagedMember, stagedMembers } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { openTree, type Tree } from '../store/tree.ts'
import { addContent } from './contents.ts'
import { placeFixedNames, removeCompanions } from './fixedNames.ts'
import { stageSignature } from './signed.ts'

/** The one pointer of a published repository. */
export const pointer = 'repodata/repomd.xml'

/** What a generation is made of, besides the members that are staged: its repomd.xml and what to remember of it. */
export type NewGeneration = Omit<Generation, 'number' | 'state' | 'repomd' | 'created' | 'superseded'> & {
  repomd: Buffer
}

/** A repository's place: its row in the database, its publish path below root, and what is signed with there. */
export type Destination = { repo: number; path: string; sign?: Sign | undefined }

/**
 * Publishes the staged members so that a client sees the old generation or the new one, whole, whenever it looks and
 * whenever this is killed: (1) record the generation as prepared, (2) link its files, (3) make the names durable,
 * (4) rename repomd.xml into place, (5) mark it as published. Nothing is removed here but a signature of the repomd.xml
 * before; fixed names alone are replaced. With a key in its destination repomd.xml is signed.
 */
export async function publish(
  state: State,
  destination: Destination,
  made: NewGeneration,
  also?: (generation: number) => void,
): Promise<Generation> {
  const generation = await prepare(state, destination, made, also)
  place(state, destination, generation)
  transaction(state.database, () => markPublished(state.database, destination.repo, generation.number, Date.now()))
  return { ...generation, state: 'published' }
}

/** Step (1), with what else is recorded in the same transaction. */
export async function prepare(
  state: State,
  { repo, sign }: Destination,
  made: NewGeneration,
  also: (generation: number) => void = () => {},
): Promise<Generation> {
  const { database } = state
  // repomd.xml is a content like any other, so that a later generation can be compared with it and go back to it.
  const repomd = await addContent(state, made.repomd)
  if (sign !== undefined) await stageSignature(state, made.repomd, sign)
  const number = (generations(database, repo).at(-1)?.number ?? 0) + 1
  const created = Date.now()
  const generation = { ...made, number, state: 'prepared', repomd, created, superseded: undefined } as const
  transaction(database, () => {
    prepareGeneration(database, repo, generation)
    recordMembers(database, repo, number)
    also(number)
  })
  return generation
}

/** Steps (2) to (4) of what was prepared last: its members are still staged. */
export function place(state: State, { repo, path }: Destination, { number, repomd }: Generation): void {
  const tree = openTree(state.root, path)
  link(state, tree, stagedMembers(state.database, repo, number))
  replaceFixedNames(state, tree, repo)
  show(state, tree, repomd)
}

/** Puts back what was taken from the newest generation's published files: deleted ones, and another repomd.xml. */
export function restore(state: State, { repo, path }: Destination, generation: Generation): void {
  const tree = openTree(state.root, path)
  const members = memberRows(state.database, repo).current()
  link(
    state,
    tree,
    members.map((member) => ({ ...member, known: true })),
  )
  replaceFixedNames(state, tree, repo)
  if (shownRepomd(tree) !== generation.repomd) show(state, tree, generation.repomd)
}

/** Links every member that is not there yet, and makes the directories durable in which something changed. */
function link({ pool }: State, tree: Tree, members: Iterable<StagedMember>): void {
  const directories = new Map<string, string>()
  const changed = new Set<string>()
  for (const { path, sha256, known } of members) {
    // A name that no retained generation has is a leftover: it may be of any content.
    if (known && tree.has(path)) continue
    const parent = dirname(path)
    const directory = directories.get(parent) ?? tree.makeDirectory(path)
    directories.set(parent, directory)
    if (!pool.link(sha256, tree.absolute(path))) throw vanished(pool, { path, sha256 })
    changed.add(directory)
    changed.add(dirname(directory))
  }
  for (const directory of changed) fsyncDirectory(directory)
}

function replaceFixedNames({ database, pool }: State, tree: Tree, repo: number): void {
  const members = memberRows(database, repo).fixedNames()
  const [missing] = placeFixedNames(pool, tree, members)
  if (missing !== undefined) throw vanished(pool, missing)
  removeCompanions(tree, members)
}

function vanished(pool: State['pool'], { path, sha256 }: Pick<Member, 'path' | 'sha256'>): MirrorError {
  return new MirrorError(
    'E_IO',
    `${pool.path(sha256)} vanished from the pool before ${path} could be linked; run again to fetch it`,
  )
}

/** Renames a link to the new repomd.xml over the old one: the moment at which clients see the generation. */
function show({ pool }: State, tree: Tree, repomd: string): void {
  const directory = tree.makeDirectory(pointer)
  const next = join(directory, '.repomd.xml.new')
  rmSync(next, { force: true })
  pool.addName(repomd, next)
  renameSync(next, tree.absolute(pointer))
  // Two names of one inode are left as they are (rename(2)).
  rmSync(next, { force: true })
  fsyncDirectory(directory)
}

/** The sha256 of the repomd.xml that clients see now; undefined where there is none. */
export function shownRepomd(tree: Tree): string | undefined {
  try {
    return createHash('sha256')
      .update(readFileSync(tree.absolute(pointer)))
      .digest('hex')
  } catch {
    return undefined
  }
}

/** Whether a repository's directory still shows its newest generation: the pointer by its bytes, the rest by name. */
export function isShown(state: Pick<State, 'root' | 'database'>, { repo, path }: Destination): boolean {
  const generation = currentGeneration(state.database, repo)
  if (generation === undefined) return false
  const tree = openTree(state.root, path)
  if (shownRepomd(tree) !== generation.repomd) return false
  return memberRows(state.database, repo)
    .currentPaths()
    .every((file) => tree.has(file))
}
