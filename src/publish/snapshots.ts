import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { snapshotsFolder } from '../config/channels.ts'
import { transaction } from '../store/database.ts'
import { fsyncDirectory } from '../store/durable.ts'
import { generations, markPublished } from '../store/generations.ts'
import { forgetSnapshot, setSnapshotState, snapshotRows } from '../store/snapshots.ts'
import type { State } from '../store/state.ts'

/** A snapshot's folder, relative to root. */
export function snapshotFolder(name: string): string {
  return `${snapshotsFolder}/${name}`
}

/** Where its trees are made before all of them are shown in one step; nobody is served what begins with a dot. */
export function makingFolder(name: string): string {
  return `${snapshotsFolder}/.${name}.new`
}

type Open = Pick<State, 'root' | 'database'>

/** Shows all trees of a snapshot that were made, by one rename, and marks their generations as published. */
export function showSnapshot({ root, database }: Open, name: string): void {
  const folder = join(root, snapshotFolder(name))
  renameSync(join(root, makingFolder(name)), folder)
  fsyncDirectory(dirname(folder))
  markMade({ database }, name)
}

/** Finishes or takes back what a kill left of making and dropping snapshots: all of its trees are there, or none. */
export function recoverSnapshots({ root, database }: Open): void {
  for (const { name, state } of snapshotRows(database)) {
    const isShown = existsSync(join(root, snapshotFolder(name)))
    if (state === 'making' && isShown) markMade({ database }, name)
    if (state === 'dropping' || (state === 'making' && !isShown)) removeSnapshot({ root, database }, name)
  }
}

/** Removes the trees of a snapshot, pointers first, and what is recorded of it. */
export function removeSnapshot({ root, database }: Open, name: string): void {
  setSnapshotState(database, name, 'dropping')
  const folder = join(root, snapshotFolder(name))
  const going = join(root, makingFolder(name))
  if (existsSync(folder)) {
    rmSync(going, { recursive: true, force: true })
    // In one step too: nobody finds a tree of which a part is gone.
    renameSync(folder, going)
    fsyncDirectory(dirname(folder))
  }
  rmSync(going, { recursive: true, force: true })
  if (existsSync(dirname(folder))) fsyncDirectory(dirname(folder))
  forgetSnapshot(database, name, `${snapshotFolder(name)}/`)
}

function markMade({ database }: Pick<State, 'database'>, name: string): void {
  const folder = `${snapshotFolder(name)}/`
  const repos = database.prepare('SELECT id, path FROM repo').all() as { id: number; path: string }[]
  transaction(database, () => {
    for (const { id } of repos.filter(({ path }) => path.startsWith(folder)))
      for (const { number } of generations(database, id)) markPublished(database, id, number, Date.now())
    setSnapshotState(database, name, 'made')
  })
}
