import { closeSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MirrorError } from '../../errors.ts'
import type { WrittenFile } from '../../publish/compressed.ts'
import { writeDocument } from '../../publish/document.ts'
import { suffixes } from '../../repodata/compression.ts'
import type { kinds } from '../../repodata/documents.ts'
import { readPkgid, relocate } from '../../repodata/primary/select.ts'
import type { Writing } from '../documents.ts'
import type { Entry } from './entries.ts'
import { openDocument, type Source } from './source.ts'

/** A package that is taken, and the xml:base that it is given; undefined leaves its location as it is. */
export type Taken = { entry: Entry; base: string | undefined }

/**
 * Writes one document with the records of the taken packages, in their order. Repositories are read one after the
 * other, so the records wait for their turn in a file: nothing holds them in memory.
 */
export async function mergeDocument(
  kind: keyof typeof kinds,
  taken: readonly Taken[],
  writing: Writing,
  signal: AbortSignal,
): Promise<WrittenFile> {
  const spill = join(writing.folder, `${kind}.spill`)
  const fd = openSync(spill, 'wx+')
  try {
    const extents = await spillRecords(kind, taken, fd, signal)
    const file = join(writing.folder, `${kind}.xml${suffixes[writing.format]}`)
    return await writeDocument(kind, taken.length, readBack(fd, extents), { ...writing, file })
  } finally {
    closeSync(fd)
    rmSync(spill)
  }
}

/** Where each taken package's record stands in the spill file; a length of 0 is one that was not found. */
type Extents = { at: Float64Array; length: Uint32Array }

async function spillRecords(
  kind: keyof typeof kinds,
  taken: readonly Taken[],
  fd: number,
  signal: AbortSignal,
): Promise<Extents> {
  const extents = { at: new Float64Array(taken.length), length: new Uint32Array(taken.length) }
  let end = 0
  const keep = (place: number, record: Buffer) => {
    extents.at[place] = end
    extents.length[place] = record.length
    writeFileSync(fd, record)
    end += record.length
  }
  for (const [source, places] of placesOf(kind, taken)) {
    let row = 0
    for await (const record of openDocument(kind, source, signal)) {
      const key = kind === 'primary' ? row++ : readPkgid(record)
      for (const place of places.get(key) ?? [])
        keep(place, kind === 'primary' ? located(record, taken[place] as Taken) : record)
    }
  }
  const missing = taken[extents.length.indexOf(0)]?.entry
  if (missing === undefined) return extents
  const { source, name, version, release, arch } = missing
  const nevra = `${name}-${version}-${release}.${arch}`
  throw new MirrorError('E_MISMATCH', `${kind} of ${source.given} has no record of ${nevra}, which primary lists`)
}

/** For each repository, which places its records go to: by the row in primary, by the pkgid in the others. */
function placesOf(kind: keyof typeof kinds, taken: readonly Taken[]): Map<Source, Map<number | string, number[]>> {
  const places = new Map<Source, Map<number | string, number[]>>()
  for (const [place, { entry }] of taken.entries()) {
    const ofSource = places.get(entry.source) ?? new Map<number | string, number[]>()
    places.set(entry.source, ofSource)
    const key = kind === 'primary' ? entry.row : entry.pkgid
    ofSource.set(key, [...(ofSource.get(key) ?? []), place])
  }
  return places
}

function located(record: Buffer, { entry, base }: Taken): Buffer {
  return base === undefined ? record : relocate(record, entry.href, base)
}

const batchRecords = 64

async function* readBack(fd: number, { at, length }: Extents): AsyncGenerator<Buffer[], void, undefined> {
  for (let from = 0; from < at.length; from += batchRecords) {
    const places = Array.from({ length: Math.min(batchRecords, at.length - from) }, (_, i) => from + i)
    yield places.map((place) => {
      const record = Buffer.allocUnsafe(length[place] as number)
      readSync(fd, record, 0, record.length, at[place] as number)
      return record
    })
  }
}
