import { closeSync, openSync, readSync } from 'node:fs'
import { isSystemError, MirrorError } from '../../errors.ts'
import { readPrimaryRecord } from '../../repodata/primary/select.ts'
import { readIdentity } from '../../rpm/identity.ts'
import type { Nevra } from '../../rpm/nevra.ts'
import type { PackageFile } from '../../store/changes.ts'
import type { Pool } from '../../store/pool.ts'
import { openRecordsOf, type PublishedDocument, readingDocument } from '../documents.ts'

/** For more files than this, primary is read whole instead of each file's header. */
const maxHeaders = 2000

/** The headers of most packages have what is wanted in so many bytes; none is read further than `maxPrefix`. */
const start = Buffer.allocUnsafeSlow(16 * 1024)
const maxPrefix = 4 * 1024 * 1024

type Located = Pick<PackageFile, 'path' | 'sha256'>

/** What package files are called, by their paths: as their own headers say, or else primary. */
export async function identitiesOf(
  files: readonly Located[],
  pool: Pool,
  primary: PublishedDocument | undefined,
): Promise<Map<string, Nevra>> {
  const found = new Map<string, Nevra>()
  if (files.length <= maxHeaders)
    for (const { path, sha256 } of files) {
      const identity = identityOf(pool.path(sha256))
      if (identity !== undefined) found.set(path, identity)
    }
  if (found.size < files.length && primary !== undefined) await addOfPrimary(files, primary, found)
  return found
}

/** undefined for what is no RPM, or gone: primary says it, too. */
function identityOf(file: string): Nevra | undefined {
  try {
    const descriptor = openSync(file, 'r')
    try {
      return readIdentity(prefixOf(descriptor))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof MirrorError || isSystemError(error)) return undefined
    throw error
  }
}

function prefixOf(descriptor: number): (bytes: number) => Buffer {
  let read = start.subarray(0, readSync(descriptor, start, 0, start.length, 0))
  return (bytes) => {
    if (bytes > read.length && read.length >= start.length && bytes <= maxPrefix) {
      const longer = Buffer.allocUnsafe(bytes)
      read = longer.subarray(0, readSync(descriptor, longer, 0, bytes, 0))
    }
    return read.subarray(0, bytes)
  }
}

async function addOfPrimary(files: readonly Located[], primary: PublishedDocument, found: Map<string, Nevra>) {
  const missing = new Set(files.map(({ path }) => path).filter((path) => !found.has(path)))
  await readingDocument(primary, async () => {
    const { batches } = await openRecordsOf('primary', primary)
    for await (const batch of batches)
      for (const record of batch) {
        const { href, name, epoch, version, release, arch } = readPrimaryRecord(record)
        const path = href.replace(/^\.\//, '')
        if (missing.has(path)) found.set(path, { name, epoch, version, release, arch })
      }
  })
}
