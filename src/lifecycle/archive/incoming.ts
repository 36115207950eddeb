import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Digest, difference, Hasher } from '../../digest.ts'
import { fromSystem, MirrorError } from '../../errors.ts'
import { contentRows } from '../../store/content.ts'
import { Ledger } from '../../store/ledger.ts'
import { PartFile } from '../../store/part.ts'
import type { State } from '../../store/state.ts'
import type { Manifest } from './manifest.ts'
import { contentName } from './names.ts'
import type { Taker } from './read.ts'

type Announced = Manifest['contents'][number]

/** What takes an archive's contents in; `settle` makes all of them durable and records them. */
export type Incoming = Taker & { settle(): Promise<void>; abandon(): Promise<void> }

/**
 * Brings contents into the pool as a download does: written to a file of tmp/ and hashed on the way, named when the digest
 * is right, recorded when durable. What the pool has already is read and compared all the same.
 */
export function incoming({ database, pool, tmp }: State): Incoming {
  const rows = contentRows(database)
  const ledger = new Ledger(pool, rows)
  const syncing = new Set<Promise<void>>()
  let files = 0
  let content: Announced | undefined
  let time = 0
  let part: PartFile | undefined
  let hasher = new Hasher()
  /** The first of what went wrong beside whoever reads. */
  let failure: { error: unknown } | undefined
  const throwFailure = () => {
    if (failure !== undefined) throw fromSystem(failure.error, 'Cannot write to the pool')
  }

  const isPresent = ({ sha256, size }: Announced) =>
    rows.find(digestOf(sha256), size) !== undefined && pool.size(sha256) === size

  /** Its name and its row come when it is durable, while others are written already. */
  const adopt = async (file: PartFile, { sha256, size }: Announced) => {
    await file.sync().finally(() => file.close())
    pool.adopt(file.path, sha256)
    ledger.add({ sha256, size, digest: digestOf(sha256) })
  }

  return {
    begin(next, mtime) {
      ;[content, time, hasher] = [next, mtime, new Hasher()]
      if (!isPresent(next)) part = PartFile.create(join(tmp, `import-${process.pid}-${files++}.new`))
    },
    data(chunk) {
      if (part === undefined) {
        hasher.update(chunk)
        return
      }
      try {
        part.append(chunk)
      } catch (error) {
        throw fromSystem(error, `Cannot write ${part.path}`)
      }
    },
    async end() {
      const announced = content as Announced
      const { sha256 } = part === undefined ? hasher.finish() : part.end(time)
      compare(announced.sha256, sha256)
      if (part === undefined) return
      const adopting: Promise<void> = adopt(part, announced)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => syncing.delete(adopting))
      part = undefined
      syncing.add(adopting)
      if (syncing.size >= filesAhead) await Promise.race(syncing)
      throwFailure()
    },
    async settle() {
      await Promise.all(syncing)
      throwFailure()
      await ledger.settle()
    },
    async abandon() {
      part?.giveUp(false)
      await Promise.allSettled(syncing)
      const left = readdirSync(tmp).filter((name) => name.startsWith(`import-${process.pid}-`))
      for (const name of left) rmSync(join(tmp, name), { force: true })
    },
  }
}

/** So many files may still be on their way to the disk while the next ones are written. */
const filesAhead = 16

function digestOf(hex: string): Digest {
  return { algorithm: 'sha256', hex }
}

/** @throws E_CHECKSUM where a content is not the one that the manifest announces */
export function compare(expected: string, found: string): void {
  if (found === expected) return
  throw new MirrorError('E_CHECKSUM', `${contentName(expected)}: ${difference(digestOf(expected), digestOf(found))}`)
}
