import { lstatSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fsyncDirectory } from '../store/durable.ts'
import type { Member } from '../store/members.ts'
import { nextTo, type Pool } from '../store/pool.ts'
import type { Tree } from '../store/tree.ts'

/** The paths of metadata that is not named by its digest. */
export function unhashedNames(members: readonly Placed[]): string[] {
  return members.map(({ path }) => path).filter((path) => path.startsWith('repodata/') && !companions.includes(path))
}

/** What tells installers of the rest of a tree, so that it comes last. */
const treeinfos: ReadonlySet<string> = new Set(['.treeinfo', 'treeinfo'])

/** The signature of repomd.xml and the key to check it with, below a repository's directory. */
export const companions: readonly string[] = ['repodata/repomd.xml.asc', 'repodata/repomd.xml.key']

type Placed = Pick<Member, 'path' | 'sha256'>

/**
 * Gives the files of a kickstart tree, and extra ones, their contents. Installers ask for fixed names, so that no two
 * contents of a file can stand side by side: they are replaced one by one, in one step each, the treeinfo when all others
 * are durable, and what belongs to repomd.xml right before that is. Those that are right are left alone.
 * @returns those whose contents the pool does not have
 */
export function placeFixedNames(pool: Pool, tree: Tree, members: Iterable<Placed>): Placed[] {
  const all = [...members]
  const missing: Placed[] = []
  const placeAll = (part: Placed[]) => {
    const changed = new Set<string>()
    for (const member of part) {
      const directory = tree.makeDirectory(member.path)
      const result = place(pool, tree, member)
      if (result === 'missing') missing.push(member)
      if (result === 'placed') changed.add(directory).add(dirname(directory))
    }
    for (const directory of changed) fsyncDirectory(directory)
  }
  const groups = Map.groupBy(all, ({ path }): number => (companions.includes(path) ? 2 : treeinfos.has(path) ? 1 : 0))
  for (const order of [0, 1, 2]) placeAll(groups.get(order) ?? [])
  return missing
}

/** Removes a signature that is of another repomd.xml than the one that comes: clients would take both for forged. */
export function removeCompanions(tree: Tree, members: readonly Placed[]): void {
  for (const name of companions)
    if (!members.some(({ path }) => path === name)) rmSync(tree.absolute(name), { force: true })
}

function place(pool: Pool, tree: Tree, { path, sha256 }: Placed): 'placed' | 'there' | 'missing' {
  const target = tree.absolute(path)
  // What a kill between the two steps leaves has always the same name, and goes here.
  const next = nextTo(target)
  rmSync(next, { force: true })
  const own = lstatSync(pool.path(sha256), { throwIfNoEntry: false })
  if (own === undefined) return 'missing'
  const there = lstatSync(target, { throwIfNoEntry: false })
  if (there?.ino === own.ino && there.dev === own.dev) return 'there'
  pool.addName(sha256, next)
  renameSync(next, target)
  return 'placed'
}
