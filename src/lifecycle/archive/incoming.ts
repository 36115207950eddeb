import { rmSync } from 'node:fs'
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
export type Incoming = Taker & { settle(): Promise<void>; abandon(): void }

/**
 * Brings contents into the pool as a download does: written to a file of tmp/ and hashed on the way, named when the digest
 * is right, recorded when durable. What the pool has already is read and compared all the same.
 */
export function incoming({ database, pool, tmp }: State): Incoming {
  const rows = contentRows(database)
  const ledger = new Ledger(pool, rows)
  let content: Announced | undefined
  let time = 0
  let part: PartFile | undefined
  let hasher = new Hasher()
  const temporary = join(tmp, `import-${process.pid}.new`)

  const isPresent = ({ sha256, size }: Announced) =>
    rows.find(digestOf(sha256), size) !== undefined && pool.size(sha256) === size

  return {
    begin(next, mtime) {
      ;[content, time, hasher] = [next, mtime, new Hasher()]
      if (isPresent(next)) return
      rmSync(temporary, { force: true })
      part = PartFile.create(temporary)
    },
    data(chunk) {
      if (part === undefined) return hasher.update(chunk)
      try {
        part.append(chunk)
      } catch (error) {
        throw fromSystem(error, `Cannot write ${temporary}`)
      }
    },
    async end() {
      const { sha256, size } = content as Announced
      const written = part === undefined ? hasher.finish() : await part.finish(time)
      compare(sha256, written.sha256)
      if (part === undefined) return
      part.close()
      part = undefined
      pool.adopt(temporary, sha256)
      ledger.add({ sha256, size, digest: digestOf(sha256) })
    },
    settle: () => ledger.settle(),
    abandon() {
      part?.giveUp(false)
      part = undefined
    },
  }
}

function digestOf(hex: string): Digest {
  return { algorithm: 'sha256', hex }
}

/** @throws E_CHECKSUM where a content is not the one that the manifest announces */
export function compare(expected: string, found: string): void {
  if (found === expected) return
  throw new MirrorError('E_CHECKSUM', `${contentName(expected)}: ${difference(digestOf(expected), digestOf(found))}`)
}
