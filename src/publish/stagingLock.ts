import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromSystem, isSystemError, MirrorError } from '../errors.ts'
import { type Lock, takeLock } from '../store/lock.ts'

/** A staging folder that this process holds, and the names of what a killed run left in it. */
export type Claim = {
  left: string[]
  /** Whether the folder at the path still is the one that was claimed. */
  isOurs(): boolean
  release(): void
}

/** The lock's file in the staging folder; a folder without it is not of this program's making. */
export const lockName = 'mirror.lock'

/** Who holds the lock, for whoever is refused: the lock's own file must not be opened by anybody. */
export const holderName = 'mirror.holder'

/** How long states that pass by themselves are waited for: a lock about to be made, a folder about to be removed. */
const patienceMs = 1000

/**
 * The mode of a folder of ours while it has no lock: at its very beginning and its very end. The sticky bit, which no
 * umask takes and createrepo_c does not set, tells the folder of a run that was killed just then from one of createrepo_c.
 */
export const unlockedMode = 0o1755
const lockedMode = 0o755

/** How long an empty folder is taken for a run of createrepo_c, which fills it once it has read the old metadata. */
const emptyForMs = 60_000

/**
 * Makes the staging folder and takes its lock, or takes over the folder of a killed run. mkdir is createrepo_c's own
 * lock (src/createrepo_shared.c 183-215), so that it and we exclude each other; among runs of ours the kernel's lock
 * on a file in the folder decides. A folder is never removed to be taken over: its name is not free for an instant.
 * @throws E_BUSY saying who holds it, or what to look at and remove
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const until = Date.now() + patienceMs
  for (;;) {
    const claim = tryToClaim(folder)
    if (!(claim instanceof MirrorError)) return claim
    if (Date.now() >= until) throw claim
    await sleep(50)
  }
}

function tryToClaim(folder: string): Claim | MirrorError {
  if (makeFolder(folder)) return lockIn(folder)
  const names = namesIn(folder)
  if (names === undefined) return busy(folder, 'has just ended')
  if (!names.includes(lockName) && !isUnlocked(folder) && (names.length > 0 || isUnderway(folder)))
    return foreign(folder)
  return lockIn(folder)
}

function makeFolder(folder: string): boolean {
  try {
    mkdirSync(folder, unlockedMode)
    return true
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  }
}

/** Undefined where the folder is gone again. */
function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw fromSystem(error, `Cannot write the metadata in ${folder}`)
  }
}

function isUnlocked(folder: string): boolean {
  return ((statSync(folder, { throwIfNoEntry: false })?.mode ?? 0) & 0o1000) !== 0
}

/** An empty folder's owner: one that has only just begun, or a createrepo_c --ignore-lock, which writes beside it. */
function isUnderway(folder: string): boolean {
  const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
  return Date.now() - made < emptyForMs || readdirSync(dirname(folder)).some((name) => besides.test(name))
}

const besides = /^\.repodata\.\d/

function lockIn(folder: string): Claim | MirrorError {
  const file = join(folder, lockName)
  makeLock(file)
  const identity = identityOf(file)
  if (identity === undefined) return busy(folder, 'has just ended')
  const lock = tryLock(file, identity)
  if (lock === undefined) return busy(folder, `is held by ${readHolder(folder)}`)
  // The holder before may have removed the file between its being opened here and its lock being free.
  const isOurs = () => identityOf(file) === identity
  if (!isOurs()) {
    lock.release()
    return busy(folder, 'has just ended')
  }
  chmodSync(folder, lockedMode)
  return { left: namesIn(folder)?.filter(isLeft) ?? [], isOurs, release: () => lock.release() }
}

function isLeft(name: string): boolean {
  return name !== lockName
}

/** An existing file is not opened: in a process that holds its lock, closing it again would drop the lock. */
function makeLock(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o644))
  } catch (error) {
    if (!isSystemError(error, 'EEXIST', 'ENOENT')) throw error
  }
}

/** SQLite fails in many ways where the file goes, or another takes its place, while it is opened. */
function tryLock(file: string, identity: string): Lock | undefined {
  try {
    return takeLock(file)
  } catch (error) {
    if (identityOf(file) !== identity) return undefined
    throw fromSystem(error, `Cannot lock ${file}`)
  }
}

/** Inodes are used again; together with the time of their making they are not. */
function identityOf(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stat && `${stat.dev}:${stat.ino}:${stat.birthtimeNs}`
}

function readHolder(folder: string): string {
  try {
    return readFileSync(join(folder, holderName), 'utf8').trim() || 'another process'
  } catch {
    return 'another process that is just starting'
  }
}

function busy(folder: string, state: string): MirrorError {
  return new MirrorError('E_BUSY', `${folder} ${state}; wait for it or stop it, then run again`)
}

function foreign(folder: string): MirrorError {
  return new MirrorError(
    'E_BUSY',
    `${folder} is of another program: look for a createrepo_c that is running; if there is none, remove the folder and run again`,
  )
}
