import { hash } from 'node:crypto'
import * as fc from 'fast-check'

/** A whole package file, and where its two headers are. */
export interface Whole {
  bytes: Buffer
  signature: number
  main: number
  mainEnd: number
}

/** What is done to a package file: to which, what, and whether its digests are then made those of the result. */
export interface Mutation {
  of: number
  edits: Edit[]
  sealed: boolean
}

/** A place is a share of what there is: 0 is the first byte or entry, just below 1 the last. */
type Edit =
  | { kind: 'byte'; place: number; value: number }
  | { kind: 'entry'; header: Header; place: number; field: 0 | 1 | 2 | 3; value: number }
  | { kind: 'nudge'; header: Header; place: number; field: 0 | 1 | 2 | 3; value: number }
  | { kind: 'intro'; header: Header; field: 2 | 3; value: number }
  | { kind: 'swap' | 'copy'; header: Header; place: number; other: number }
  | { kind: 'text'; place: number; value: number }
  | { kind: 'cut' | 'append'; place: number }

type Header = 'signature' | 'main'

/** Where the headers of a package file are, by their own numbers. */
export function whole(bytes: Buffer): Whole {
  const end = (at: number) => at + 16 + 16 * bytes.readUInt32BE(at + 8) + bytes.readUInt32BE(at + 12)
  const main = Math.ceil(end(96) / 8) * 8
  return { bytes, signature: 96, main, mainEnd: end(main) }
}

/** The file with the edits made, in a copy. */
export function mutate(of: Whole, { edits, sealed }: Mutation): Buffer {
  let bytes: Buffer = Buffer.from(of.bytes)
  for (const edit of edits) bytes = apply(bytes, of, edit)
  if (sealed && bytes.length >= of.mainEnd) seal(of, bytes)
  return bytes
}

/** Edits such as careless or hostile writers make: a few in one file, mostly in the headers. */
export function mutations(files: number): fc.Arbitrary<Mutation> {
  const place = fc.noBias(fc.nat(9999)).map((n) => n / 10_000)
  const header = fc.constantFrom<Header>('signature', 'main', 'main', 'main')
  const field = fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3)
  const value = fc.oneof(
    fc.constantFrom(0, 1, 2, 3, 7, 8, 9, 16, 63, 99, 255, 0xffff, 0x00ffffff, 0x7fffffff, 0x80000000, 0xffffffff),
    fc.constantFrom(...tagsWorthTrying),
    fc.nat(400),
  )
  const edit: fc.Arbitrary<Edit> = fc.oneof(
    fc.record({ kind: fc.constant('byte' as const), place, value: fc.nat(255) }),
    fc.record({ kind: fc.constant('entry' as const), header, place, field, value }),
    fc.record({
      kind: fc.constant('entry' as const),
      header,
      place,
      field: fc.constant(0 as const),
      value: fc.constantFrom(...tagsWorthTrying),
    }),
    fc.record({ kind: fc.constant('nudge' as const), header, place, field, value: fc.integer({ min: -4, max: 4 }) }),
    fc.record({ kind: fc.constant('intro' as const), header, field: fc.constantFrom(2 as const, 3 as const), value }),
    fc.record({ kind: fc.constantFrom('swap' as const, 'copy' as const), header, place, other: place }),
    fc.record({
      kind: fc.constant('text' as const),
      place,
      value: fc.constantFrom(0, 1, 0x0a, 0x2f, 0x3a, 0x80, 0xff),
    }),
    fc.record({ kind: fc.constantFrom('cut' as const, 'append' as const), place }),
  )
  const edits = fc.array(edit, { minLength: 1, maxLength: 3 })
  return fc.record({ of: fc.nat(files - 1), edits, sealed: fc.boolean() })
}

const tagsWorthTrying = [
  61, 62, 63, 100, 267, 269, 273, 274, 1000, 1004, 1007, 1027, 1030, 1047, 1116, 1117, 5009, 5112,
]

function apply(bytes: Buffer, of: Whole, edit: Edit): Buffer {
  const write = (at: number, value: number) => at + 4 <= bytes.length && bytes.writeUInt32BE(value >>> 0, at)
  const within = (place: number, from: number, to: number) => from + Math.floor(place * (to - from))
  switch (edit.kind) {
    case 'byte':
      bytes[within(edit.place, 0, Math.min(of.mainEnd, bytes.length))] = edit.value
      return bytes
    case 'text':
      bytes[within(edit.place, lineAt(of, 'main', 1), Math.min(of.mainEnd, bytes.length))] = edit.value
      return bytes
    case 'entry':
      write(lineAt(of, edit.header, edit.place) + 4 * edit.field, edit.value)
      return bytes
    case 'nudge': {
      const at = lineAt(of, edit.header, edit.place) + 4 * edit.field
      if (at + 4 <= bytes.length) write(at, bytes.readUInt32BE(at) + edit.value)
      return bytes
    }
    case 'intro':
      write(of[edit.header] + 4 * edit.field, edit.value)
      return bytes
    case 'swap':
    case 'copy':
      exchange(bytes, lineAt(of, edit.header, edit.place), lineAt(of, edit.header, edit.other), edit.kind)
      return bytes
    case 'cut':
      return bytes.subarray(0, within(edit.place, 0, bytes.length))
    case 'append':
      return Buffer.concat([bytes, Buffer.alloc(1 + within(edit.place, 0, 100))])
  }
}

/** Where a line of a header's index begins; place 1 is where the data do. */
function lineAt(of: Whole, header: Header, place: number): number {
  return of[header] + 16 + 16 * Math.floor(place * of.bytes.readUInt32BE(of[header] + 8))
}

function exchange(bytes: Buffer, one: number, other: number, kind: 'swap' | 'copy'): void {
  if (Math.max(one, other) + 16 > bytes.length) return
  const first = Buffer.from(bytes.subarray(one, one + 16))
  if (kind === 'swap') bytes.copy(bytes, one, other, other + 16)
  first.copy(bytes, other)
}

/** Writes the digests of the header as it is now where those of the original stand. */
function seal({ bytes: before, signature, main, mainEnd }: Whole, after: Buffer): void {
  const over = (found: Buffer, replacement: Buffer) => {
    const at = before.subarray(signature, main).indexOf(found)
    if (at !== -1) replacement.copy(after, signature + at)
  }
  for (const algorithm of ['sha1', 'sha256', 'sha3-256'])
    over(
      Buffer.from(hash(algorithm, before.subarray(main, mainEnd))),
      Buffer.from(hash(algorithm, after.subarray(main, mainEnd))),
    )
  over(hash('md5', before.subarray(main), 'buffer'), hash('md5', after.subarray(main), 'buffer'))
}
