import { MirrorError } from '../errors.ts'
import { region, signatureTag } from './tags.ts'
import { isText, itemBytes, mayBe, type } from './tagTypes.ts'
import { decodeText, isPlain } from './text.ts'

/** What a header may hold at most (rpm, lib/header.c, hdrblobVerifyLengths and hdrchkArray). */
const limits = {
  signature: { entries: 32, bytes: 64 * 1024 * 1024 },
  main: { entries: 0xffff, bytes: 0x0fffffff },
  items: 0x000fffff,
} as const

/** The magic, four reserved bytes, the number of entries and the bytes of data: what stands before the entries. */
export const introBytes = 16
const entryBytes = 16
const magic = Buffer.from('8eade80100000000', 'hex')
/** Smaller tags are regions or the table of locales, which no other entry may be. */
const firstTag = 100

const digestTags = new Set<number>([signatureTag.sha1, signatureTag.sha256, signatureTag.sha3, signatureTag.md5])

export type HeaderKind = 'signature' | 'main'

/** Where an entry's items are: a type, an offset into the data, how many, and the bytes that they take. */
type Entry = { type: number; offset: number; count: number; bytes: number }

/**
 * How many bytes a header takes, by its first 16.
 * @throws E_RPM when they are no header's, or it says to be larger than rpm allows
 */
export function headerBytes(intro: Buffer, kind: HeaderKind): number {
  if (intro.length < introBytes) throw bad(kind, 'it is cut off')
  if (!intro.subarray(0, 8).equals(magic)) throw bad(kind, 'its magic number is wrong')
  const entries = intro.readUInt32BE(8)
  const bytes = intro.readUInt32BE(12)
  const most = limits[kind]
  if (entries < 1 || entries > most.entries) throw bad(kind, `${entries} entries; 1 to ${most.entries} expected`)
  if (bytes > most.bytes) throw bad(kind, `${bytes} bytes of data; at most ${most.bytes} expected`)
  return introBytes + entries * entryBytes + bytes
}

/**
 * A signature header or main header, every entry of which lies inside its data, has a known type and overlaps no other.
 * The rules are rpm's own (lib/header.c, hdrblobVerifyInfo, hdrblobVerifyRegion, hdrblobImport), so that nothing is
 * taken in that rpm refuses.
 */
export class Header {
  readonly #kind: HeaderKind
  readonly #entries = new Map<number, Entry>()
  /** The data as bytes, and as text in which each character is one byte. */
  readonly #bytes: Buffer
  readonly #text: string
  /** Whether it begins with a region, as every header since rpm 4.0 does. */
  readonly hasRegion: boolean
  /** Whether a text that was read held control characters, which XML cannot say; each is U+FFFD in what was given out. */
  hadControlCharacters = false

  /**
   * @param bytes the whole header, `headerBytes` long
   * @throws E_RPM naming the entry at fault
   */
  constructor(bytes: Buffer, kind: HeaderKind) {
    this.#kind = kind
    const entries = bytes.readUInt32BE(8)
    const dataStart = introBytes + entries * entryBytes
    this.#bytes = bytes.subarray(dataStart)
    this.#text = this.#bytes.toString('latin1')
    const index = bytes.subarray(introBytes, dataStart)
    const regionEntries = this.#readRegion(index, entries)
    this.hasRegion = regionEntries !== undefined
    this.#readEntries(index, entries, regionEntries)
  }

  has(tag: number): boolean {
    return this.#entries.has(tag)
  }

  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0
  }

  typeOf(tag: number): number | undefined {
    return this.#entries.get(tag)?.type
  }

  /** The text of a tag that has one; of translated texts the first, which is the untranslated one. */
  string(tag: number): string | undefined {
    const entry = this.#entries.get(tag)
    if (entry === undefined || !isText(entry.type)) return undefined
    if (entry.count !== 1 && entry.type !== type.i18nString) return undefined
    return this.#decode(this.#text.slice(entry.offset, this.#text.indexOf('\0', entry.offset)))
  }

  /** The texts of a tag, or undefined where it has none. */
  strings(tag: number): string[] | undefined {
    const entry = this.#entries.get(tag)
    if (entry === undefined || !isText(entry.type)) return undefined
    const joined = this.#text.slice(entry.offset, entry.offset + entry.bytes - 1)
    const texts = joined.split('\0')
    return isPlain(joined) ? texts : texts.map((text) => this.#decode(text))
  }

  /** The numbers of a tag, or undefined where it has none. Those of 64 bits are exact up to 2^53. */
  numbers(tag: number): number[] | undefined {
    const entry = this.#entries.get(tag)
    const size = entry === undefined ? undefined : itemBytes[entry.type]
    if (entry === undefined || size === undefined || entry.type === type.bin) return undefined
    const numbers: number[] = []
    for (let i = 0; i < entry.count; i++) numbers.push(this.#number(entry.offset + i * size, size))
    return numbers
  }

  /** The number of a tag that has exactly one. */
  number(tag: number): number | undefined {
    return this.count(tag) === 1 ? this.numbers(tag)?.[0] : undefined
  }

  /** The bytes of a tag of type BIN. */
  bin(tag: number): Buffer | undefined {
    const entry = this.#entries.get(tag)
    return entry?.type === type.bin ? this.#bytes.subarray(entry.offset, entry.offset + entry.bytes) : undefined
  }

  #decode(text: string): string {
    const { decoded, hadControlCharacters } = decodeText(text)
    if (hadControlCharacters) this.hadControlCharacters = true
    return decoded
  }

  #number(at: number, size: number): number {
    if (size === 4) return this.#bytes.readUInt32BE(at)
    if (size === 2) return this.#bytes.readUInt16BE(at)
    return size === 8 ? Number(this.#bytes.readBigUInt64BE(at)) : this.#bytes.readUInt8(at)
  }

  /** How many entries the region holds, itself included; undefined where the header has none. */
  #readRegion(index: Buffer, entries: number): number | undefined {
    const expected = this.#kind === 'main' ? region.immutable : region.signatures
    const first = index.readUInt32BE(0)
    if (first !== expected) return undefined
    const offset = index.readInt32BE(8)
    const isRegion = index.readUInt32BE(4) === type.bin && index.readUInt32BE(12) === entryBytes
    if (!isRegion || offset < 0 || offset + entryBytes > this.#bytes.length)
      throw bad(this.#kind, 'its region is malformed')
    const trailer = this.#bytes.subarray(offset, offset + entryBytes)
    const tag = trailer.readUInt32BE(0)
    const isTrailer = trailer.readUInt32BE(4) === type.bin && trailer.readUInt32BE(12) === entryBytes
    if (!isTrailer || (tag !== first && !(this.#kind === 'signature' && tag === region.image)))
      throw bad(this.#kind, "its region's trailer is malformed")
    const inRegion = -trailer.readInt32BE(8) / entryBytes
    const isWhole = inRegion === entries && offset + entryBytes === this.#bytes.length
    if (!Number.isInteger(inRegion) || inRegion < 1 || inRegion > entries || (this.#kind === 'main' && !isWhole))
      throw bad(this.#kind, `its region holds ${inRegion} of ${entries} entries`)
    return inRegion
  }

  #readEntries(index: Buffer, entries: number, regionEntries: number | undefined): void {
    const regionEnd = regionEntries === undefined ? 0 : index.readInt32BE(8)
    let end = 0
    let packed = 0
    for (let i = regionEntries === undefined ? 0 : 1; i < entries; i++) {
      // What was added behind the region, as old signing tools did, follows the region's trailer.
      if (i === regionEntries) packed += entryBytes
      const at = i * entryBytes
      const tag = index.readInt32BE(at)
      const entry = this.#readEntry(index, at, tag)
      if (entry.offset < end) throw this.#wrong(tag, entry, 'it overlaps the entry before')
      end = entry.offset + entry.bytes
      if (regionEntries !== undefined && end > regionEnd && entry.offset < regionEnd + entryBytes)
        throw this.#wrong(tag, entry, "it overlaps the region's trailer")
      const size = itemBytes[entry.type] ?? 1
      packed = Math.ceil(packed / size) * size + entry.bytes
      // rpm checks each digest that is there; a second one would hide the first.
      if (this.#kind === 'signature' && digestTags.has(tag) && this.#entries.has(tag))
        throw this.#wrong(tag, entry, 'the tag comes twice')
      this.#entries.set(tag, entry)
    }
    if (regionEntries === entries) packed += entryBytes
    if (packed !== this.#bytes.length)
      throw bad(this.#kind, `its entries take ${packed} bytes of data, not ${this.#bytes.length}`)
  }

  #readEntry(index: Buffer, at: number, tag: number): Entry {
    const entry = {
      type: index.readUInt32BE(at + 4),
      offset: index.readInt32BE(at + 8),
      count: index.readUInt32BE(at + 12),
      bytes: 0,
    }
    const { length } = this.#bytes
    const size = itemBytes[entry.type]
    if (tag < firstTag) throw this.#wrong(tag, entry, 'no entry may have that tag')
    if (size === undefined && !isText(entry.type)) throw this.#wrong(tag, entry, 'there is no such type')
    if (entry.count < 1 || entry.count > length || (entry.type !== type.bin && entry.count > limits.items))
      throw this.#wrong(tag, entry, 'there are too many items, or none')
    if (entry.offset < 0 || entry.offset >= length) throw this.#wrong(tag, entry, 'it lies outside of the data')
    if (size !== undefined && entry.offset % size !== 0) throw this.#wrong(tag, entry, 'it is not aligned')
    if (this.#kind === 'main' && this.#isTyped(index) && !mayBe(tag, entry.type))
      throw this.#wrong(tag, entry, 'the tag has another type')
    entry.bytes = size === undefined ? this.#textBytes(entry) : size * entry.count
    if (entry.bytes < 1 || entry.offset + entry.bytes > length) throw this.#wrong(tag, entry, 'it ends behind the data')
    return entry
  }

  /** rpm checks the types of known tags only in headers with a region. */
  #isTyped(index: Buffer): boolean {
    return index.readUInt32BE(0) < firstTag
  }

  /** The bytes of an entry's texts with their NULs; 0 where one has no end. */
  #textBytes({ type: found, offset, count }: Entry): number {
    if (found === type.string && count !== 1) return 0
    let end = offset
    for (let i = 0; i < count; i++) {
      end = this.#text.indexOf('\0', end) + 1
      if (end === 0) return 0
    }
    return end - offset
  }

  #wrong(tag: number, entry: Entry, reason: string): MirrorError {
    const { type: found, offset, count } = entry
    return bad(this.#kind, `tag ${tag} (type ${found}, offset ${offset}, ${count} items): ${reason}`)
  }
}

function bad(kind: HeaderKind, reason: string): MirrorError {
  return new MirrorError('E_RPM', `${kind} header: ${reason}`)
}
