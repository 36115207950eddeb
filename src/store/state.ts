import { linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fromSystem, isSystemError, MirrorError } from '../errors.ts'
import { type Database, getMeta, openDatabase, openDatabaseReadOnly, setMeta } from './database.ts'
import { writeFileAtomic } from './durable.ts'
import { shareLock, takeLock } from './lock.ts'
import { becomeOwner } from './owner.ts'
import { openPool, type Pool } from './pool.ts'

/** Where published trees are (`root`, the HTTP root) and where everything else is. Absolute paths. */
export type Places = { root: string; state: string }

/** An opened state, ready for writing. */
export type State = Places & { database: Database; pool: Pool; tmp: string; close(): void }

/** Below root: the id of the state that publishes into it. */
export const markerName = '.mirror'

/**
 * Opens a state as its only writer: makes what is missing, takes the lock, and proves that root is the state's own
 * and that files of the pool can be linked into it. Root goes on as the owner of the state.
 * @param doing what the holder does, for whoever is refused meanwhile
 * @throws E_BUSY naming the holder, E_ROOT, E_STATE_VERSION
 */
export function openState(places: Places, doing: string): State {
  try {
    becomeOwner(places.state)
    mkdirSync(places.state, { recursive: true, mode: 0o755 })
    const lock = takeLock(join(places.state, 'lock'))
    if (lock === undefined) throw busy(places)
    const state = attach(places)
    try {
      awaitOrphans(places)
      prepare(state)
      setMeta(state.database, 'holder', JSON.stringify({ pid: process.pid, since: Date.now(), doing }))
    } catch (error) {
      state.close()
      lock.release()
      throw error
    }
    const close = () => {
      state.close()
      lock.release()
    }
    return { ...state, close }
  } catch (error) {
    throw fromSystem(error, `Cannot use ${places.state} and ${places.root}`)
  }
}

/** Opens a state that a parent process has locked and prepared; nobody else opens it while this is open. */
export function attachState(places: Places): State {
  const share = shareLock(workersLock(places), orphanWaitMs)
  if (share === undefined) throw busy(places)
  const state = attach(places)
  const close = () => {
    state.close()
    share.release()
  }
  return { ...state, close }
}

/** How long a worker whose parent was killed may take to notice it, in milliseconds. */
const orphanWaitMs = 30_000

/** Workers of a killed run may still be writing: what they leave is settled only when they are gone. */
function awaitOrphans(places: Places): void {
  const all = takeLock(workersLock(places), orphanWaitMs)
  if (all === undefined)
    throw new MirrorError('E_BUSY', `a worker of a killed run still writes to ${places.state}; end it and run again`)
  all.release()
}

function workersLock({ state }: Places): string {
  return join(state, 'lock.workers')
}

function attach({ root, state }: Places): State {
  const database = openDatabase(databasePath(state))
  return { root, state, database, pool: openPool(state), tmp: join(state, 'tmp'), close: () => database.close() }
}

export function databasePath(state: string): string {
  return join(state, 'mirror.db')
}

function busy({ state }: Places): MirrorError {
  const database = openDatabaseReadOnly(databasePath(state))
  const holder = database && getMeta(database, 'holder')
  database?.close()
  if (holder === undefined)
    return new MirrorError('E_BUSY', `${state} is held by another process that is just starting`)
  const { pid, since, doing } = JSON.parse(holder) as { pid: number; since: number; doing: string }
  const from = new Date(since).toISOString()
  return new MirrorError(
    'E_BUSY',
    `${state} is held by process ${pid} since ${from}, doing ${doing}; wait for it or stop it`,
  )
}

function prepare({ root, state, database, pool, tmp }: State): void {
  pool.prepare()
  mkdirSync(join(tmp, 'left'), { recursive: true })
  clearTemporary(tmp)
  claimRoot(root, database)
  proveLinks(root, tmp, state)
}

/** A part that nobody has taken up for a week is of a file that nobody wants any more. */
const resumableMs = 7 * 24 * 60 * 60 * 1000

/** What a killed run left in tmp/: parts of downloads are kept for resuming, everything else goes. */
function clearTemporary(tmp: string): void {
  const left = join(tmp, 'left')
  for (const name of readdirSync(left)) {
    const part = lstatSync(join(left, name))
    if (!part.isFile() || Date.now() - part.mtimeMs > resumableMs)
      rmSync(join(left, name), { recursive: true, force: true })
  }
  for (const name of readdirSync(tmp).filter((entry) => entry !== 'left')) {
    const isPart = name.endsWith('.part') && isBegun(join(tmp, name))
    if (isPart) renameSync(join(tmp, name), join(left, name))
    else rmSync(join(tmp, name), { recursive: true, force: true })
  }
}

/** Whether it is a file with something in it; a link is neither followed nor one. */
function isBegun(part: string): boolean {
  const stat = lstatSync(part)
  return stat.isFile() && stat.size > 0
}

/**
 * Root carries the id of its state. A root without it is an empty mount point or somebody else's folder, and
 * publishing into it, or taking its emptiness for "all files vanished", would do harm.
 */
function claimRoot(root: string, database: Database): void {
  const id = getMeta(database, 'id') as string
  const found = markerOf(root)
  if (found === id) return
  if (found === undefined && database.prepare('SELECT 1 FROM generation').get() !== undefined)
    throw new MirrorError(
      'E_ROOT',
      `${root} was published into before and has no ${markerName} now: is its file system mounted? To publish anew into an empty folder: echo ${id} > ${join(root, markerName)}`,
    )
  if (found !== undefined) {
    const marker = join(root, markerName)
    const isNew = database.prepare('SELECT 1 FROM generation').get() === undefined
    const anew = isNew ? `; if its database is lost: echo ${id} > ${marker}` : ''
    throw new MirrorError(
      'E_ROOT',
      `${root} belongs to another state (${marker} holds ${found}); name that state, or another root${anew}`,
    )
  }
  mkdirSync(root, { recursive: true, mode: 0o755 })
  // A kill in the middle of writing the marker leaves its temporary name behind.
  if (readdirSync(root).some((name) => name !== 'lost+found' && !name.startsWith(`${markerName}.`)))
    throw new MirrorError(
      'E_ROOT',
      `${root} holds files that this program did not publish and no ${markerName}; name an empty or new folder as root`,
    )
  writeFileAtomic(join(root, markerName), `${id}\n`)
}

/** Whether root is the one that the database is of, and not an empty mount point: for those who only look. @throws E_ROOT */
export function checkRoot(root: string, database: Database): void {
  if (markerOf(root) === getMeta(database, 'id')) return
  const message = `${join(root, markerName)} is not that of this state; is ${root} mounted, and is it the right one?`
  throw new MirrorError('E_ROOT', message)
}

/** The id of the state that a root belongs to, or undefined. */
function markerOf(root: string): string | undefined {
  try {
    return readFileSync(join(root, markerName), 'utf8').trim()
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Two folders may be on one device and still refuse links (bind mounts), so a real link is made. */
function proveLinks(root: string, tmp: string, state: string): void {
  const probe = join(tmp, `probe-${process.pid}`)
  const target = join(root, `.${basename(probe)}`)
  writeFileSync(probe, '')
  // In a container a killed process often had the same id.
  rmSync(target, { force: true })
  try {
    linkSync(probe, target)
    if (!lstatSync(target).isFile()) throw new Error('the link is no file')
  } catch (cause) {
    const message = `Files of ${state} cannot be linked into ${root}: ${(cause as Error).message}; put both on one file system and mount`
    throw new MirrorError('E_ROOT', message, { cause })
  } finally {
    rmSync(probe, { force: true })
    rmSync(target, { force: true })
  }
}
