import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeHeader } from './rpmfile/header.ts'
import { mainEntries } from './rpmfile/mainEntries.ts'
import { signatureEntries } from './rpmfile/signatureEntries.ts'
import type { RpmSpec } from './rpmfile/spec.ts'

export { bin, type Entry, numbers, type Text, texts, types } from './rpmfile/entry.ts'
export type { HeaderFaults } from './rpmfile/header.ts'
export type { Dependency, FileSpec, RpmFaults, RpmSpec } from './rpmfile/spec.ts'
export { dependencyTags, ghost, modes, sense, signatureTags, tags } from './rpmfile/tags.ts'

/** Where the parts of a package file begin and end, as offsets. */
export interface Parts {
  lead: [start: number, end: number]
  signature: [start: number, end: number]
  /** After the padding of the signature header. */
  main: [start: number, end: number]
  payload: [start: number, end: number]
}

/** The bytes of a package file, whole and valid unless `faults` say otherwise. */
export function makeRpm(spec: RpmSpec): Buffer {
  return layOutRpm(spec).bytes
}

/** The bytes of a package file and where its parts are, for tests that cut it. */
export function layOutRpm(spec: RpmSpec): { bytes: Buffer; parts: Parts } {
  const { faults = {}, format = 4, payload = emptyPayload } = spec
  const header = encodeHeader('main', mainEntries(spec, payload), { noRegion: format === 3, ...faults.main })
  const sealed = signatureEntries(spec, header, payload)
  for (const at of faults.flip ?? []) header[at] = (header[at] ?? 0) ^ 0xff
  const signature = encodeHeader('signature', sealed, { noRegion: format === 3, ...faults.signature })
  const padding = Buffer.alloc((8 - (signature.length % 8)) % 8)
  const pieces = [makeLead(spec), signature, padding, header, payload]
  const ends = pieces.map((_, i) => pieces.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0))
  const [lead = 0, sign = 0, padded = 0, main = 0, end = 0] = ends
  const parts: Parts = { lead: [0, lead], signature: [lead, sign], main: [padded, main], payload: [main, end] }
  return { bytes: Buffer.concat(pieces), parts }
}

/** Writes a package below a folder, its mtime a fixed one; returns its path. */
export async function writeRpm(folder: string, path: string, spec: RpmSpec | Buffer): Promise<string> {
  const file = join(folder, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, Buffer.isBuffer(spec) ? spec : makeRpm(spec))
  await utimes(file, 1_650_000_000, 1_650_000_000)
  return file
}

/** A cpio archive of no files: its trailer alone. */
const trailer = `07070100000000${'0'.repeat(32)}00000001${'0'.repeat(40)}0000000b00000000TRAILER!!!\0`
const emptyPayload = gzipSync(Buffer.from(trailer.padEnd(124, '\0')), { level: 9 })

/** Magic, format, kind of package, name, and that the signature is a header (rpm, docs/manual/format_lead.md). */
function makeLead({ name, version = '1.0', release = '1', source = false, format = 4, faults }: RpmSpec): Buffer {
  const lead = Buffer.alloc(96)
  lead.writeUInt32BE(0xedabeedb, 0)
  lead.writeUInt8(format === 6 ? 4 : 3, 4)
  lead.writeUInt16BE(source ? 1 : 0, 6)
  if (format !== 6) {
    lead.writeUInt16BE(1, 8)
    lead.write([name, version, release].join('-').slice(0, 65), 10)
    lead.writeUInt16BE(1, 76)
  }
  lead.writeUInt16BE(5, 78)
  faults?.lead?.(lead)
  return lead
}
