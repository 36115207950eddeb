import { readdirSync, rmdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isSystemError } from '../errors.ts'
import { fsyncDirectory } from '../store/durable.ts'
import { memberRows } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { openTree } from '../store/tree.ts'
import { companions } from './fixedNames.ts'
import { type Destination, pointer } from './publish.ts'

/**
 * Removes the files of all generations of a tree, its pointer first, and the folders that are empty then. What others put
 * there stays, another repository's tree below it too.
 * @returns how many files are left in its folder
 */
export function removeTree({ root, database }: State, { repo, path }: Pick<Destination, 'repo' | 'path'>): number {
  const tree = openTree(root, path)
  const isThere = tree.isOwn(pointer) && tree.has(pointer)
  tree.remove(pointer)
  if (isThere) fsyncDirectory(dirname(tree.absolute(pointer)))
  const folders = new Set<string>()
  for (const file of [pointer, ...companions, ...memberRows(database, repo).retainedPaths()]) {
    tree.remove(file)
    folders.add(dirname(file))
  }
  for (const folder of folders) if (tree.isOwn(join(folder, 'a file'))) removeEmpty(root, join(path, folder))
  return countFiles(tree.base)
}

/** Removes an empty folder and those above it that are empty then; root stays. */
function removeEmpty(root: string, folder: string): void {
  if (folder === '.') return
  try {
    rmdirSync(join(root, folder))
  } catch (error) {
    if (isSystemError(error, 'ENOTEMPTY', 'ENOTDIR', 'EBUSY')) return
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  removeEmpty(root, dirname(folder))
}

function countFiles(folder: string): number {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => !entry.isDirectory()).length
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 0
    throw error
  }
}
