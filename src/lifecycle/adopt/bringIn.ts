import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fdatasyncSync,
  fstatSync,
  linkSync,
  openSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { join } from 'node:path'
import { readRpm } from '../../createrepo/read/rpmFile.ts'
import type { Algorithm } from '../../digest.ts'
import { fromSystem, isSystemError, MirrorError } from '../../errors.ts'
import { measure } from '../../publish/measure.ts'
import { type Content, contentRows } from '../../store/content.ts'
import { largeFile } from '../../store/durable.ts'
import { Ledger } from '../../store/ledger.ts'
import type { State } from '../../store/state.ts'

/** A content of the pool that a file came to, and whether its bytes were not there before. */
export type Adopted = { sha256: string; size: number; isNew: boolean }

/** Brings files of a folder into the pool. `settle` makes them durable and records them. */
export type BringingIn = {
  /** A package that rpm would read; never by what its folder says of it. @throws E_RPM, E_IO naming what is wrong with it */
  bringPackage(file: string): Promise<Adopted>
  /** Any file. */
  bringFile(file: string): Promise<Adopted>
  settle(): Promise<void>
}

/**
 * Each file is first made ours: copied, its blocks shared where the file system can, or with `take` linked, once it belongs
 * to us and nobody else may write to it. Only then it is read, whole: what somebody else could still change is no content.
 * @param alias another algorithm by which upstream's metadata names packages
 */
export function bringingIn(state: State, { take, alias }: { take: boolean; alias: Algorithm | undefined }): BringingIn {
  const { pool, tmp, database } = state
  const rows = contentRows(database)
  const ledger = new Ledger(pool, rows)
  const temporary = join(tmp, `adopt-${process.pid}.new`)

  const isPresent = (sha256: string, size: number) =>
    rows.find({ algorithm: 'sha256', hex: sha256 }, size) !== undefined && pool.size(sha256) === size

  const adopt = async (sha256: string, size: number, other: Content['digest'] | undefined): Promise<Adopted> => {
    const isNew = !isPresent(sha256, size)
    if (isNew) {
      if (size >= largeFile) sync(temporary)
      pool.adopt(temporary, sha256)
    }
    if (isNew || other !== undefined)
      ledger.add({ sha256, size, digest: other ?? { algorithm: 'sha256', hex: sha256 } })
    return { sha256, size, isNew }
  }

  const bring = async (file: string, read: () => Promise<Adopted>): Promise<Adopted> => {
    rmSync(temporary, { force: true })
    try {
      if (take) link(file, temporary)
      else copy(file, temporary)
      return await read()
    } finally {
      rmSync(temporary, { force: true })
    }
  }

  return {
    bringPackage: (file) =>
      bring(file, async () => {
        const { pkgid, packageSize } = readRpm(temporary, 'sha256')
        const other = alias === undefined ? undefined : await measure(temporary, alias)
        return await adopt(pkgid, packageSize, other)
      }),
    bringFile: (file) =>
      bring(file, async () => {
        const { hex } = await measure(temporary, 'sha256')
        return await adopt(hex, statSync(temporary).size, undefined)
      }),
    settle: () => ledger.settle(),
  }
}

/** A copy of our own, that shares its blocks with the file where the file system can. It keeps the file's time. */
function copy(file: string, target: string): void {
  try {
    copyFileSync(file, target, constants.COPYFILE_FICLONE)
    chmodSync(target, 0o644)
    const { mtimeMs } = statSync(file)
    utimesSync(target, mtimeMs / 1000, mtimeMs / 1000)
  } catch (error) {
    throw fromSystem(error, `Cannot copy ${file}`)
  }
}

/** A link to the file itself, which is ours alone from then on. */
function link(file: string, target: string): void {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const opened = fstatSync(fd)
    if (!opened.isFile()) throw new MirrorError('E_RPM', 'not a regular file')
    if (opened.uid !== process.getuid?.())
      throw new MirrorError('E_IO', `it belongs to uid ${opened.uid}; run mirror adopt --take as root`)
    if ((opened.mode & 0o7777) !== 0o644) chmodSync(`/proc/self/fd/${fd}`, 0o644)
    linkSync(file, target)
    const linked = statSync(target)
    if (linked.ino !== opened.ino || linked.dev !== opened.dev)
      throw new MirrorError('E_IO', 'it was replaced while it was taken')
  } catch (error) {
    if (isSystemError(error, 'EXDEV'))
      throw new MirrorError(
        'E_USAGE',
        `${file} is on another file system than the state; leave --take out, and it is copied`,
      )
    if (isSystemError(error, 'ELOOP')) throw new MirrorError('E_IO', 'a symbolic link, and the file belongs elsewhere')
    throw fromSystem(error, `Cannot take ${file}`)
  } finally {
    closeSync(fd)
  }
}

function sync(file: string): void {
  const fd = openSync(file, 'r')
  try {
    fdatasyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
