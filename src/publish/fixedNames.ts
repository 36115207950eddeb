import { linkSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fsyncDirectory } from '../store/durable.ts'
import type { Member } from '../store/members.ts'
import type { Pool } from '../store/pool.ts'
import type { Tree } from '../store/tree.ts'

/** What tells installers of the rest of a tree, so that it comes last. */
const treeinfos: ReadonlySet<string> = new Set(['.treeinfo', 'treeinfo'])

type Placed = Pick<Member, 'path' | 'sha256'>

/**
 * Gives the files of a kickstart tree, and extra ones, their contents. Installers ask for fixed names, so that no two
 * contents of a file can stand side by side: they are replaced one by one, in one step each, the treeinfo last, when all
 * others are durable. Those that are right are left alone.
 * @returns those whose contents the pool does not have
 */
export function placeFixedNames(pool: Pool, tree: Tree, members: Iterable<Placed>): Placed[] {
  const all = [...members]
  const missing: Placed[] = []
  const placeAll = (part: Placed[]) => {
    const changed = new Set<string>()
    for (const member of part) {
      const directory = tree.makeDirectory(member.path)
      const result = place(pool, tree, member, directory)
      if (result === 'missing') missing.push(member)
      if (result === 'placed') changed.add(directory).add(dirname(directory))
    }
    for (const directory of changed) fsyncDirectory(directory)
  }
  placeAll(all.filter(({ path }) => !treeinfos.has(path)))
  placeAll(all.filter(({ path }) => treeinfos.has(path)))
  return missing
}

function place(pool: Pool, tree: Tree, { path, sha256 }: Placed, directory: string): 'placed' | 'there' | 'missing' {
  const target = tree.absolute(path)
  // What a kill between the two steps leaves has always the same name, and goes here.
  const next = join(directory, `.${basename(path)}.new`)
  rmSync(next, { force: true })
  const own = lstatSync(pool.path(sha256), { throwIfNoEntry: false })
  if (own === undefined) return 'missing'
  const there = lstatSync(target, { throwIfNoEntry: false })
  if (there?.ino === own.ino && there.dev === own.dev) return 'there'
  linkSync(pool.path(sha256), next)
  renameSync(next, target)
  return 'placed'
}
