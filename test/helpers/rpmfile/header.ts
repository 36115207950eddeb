import { alignment, type Entry, types } from './entry.ts'

/** One line of a header's index. */
export interface IndexLine {
  tag: number
  type: number
  offset: number
  count: number
}

/** What is to be wrong with a header; everything else stays as it is, the digests are those of the broken bytes. */
export interface HeaderFaults {
  magic?: Buffer
  /** The number of entries that the header says to have. */
  entries?: number
  /** The number of bytes of data that the header says to have. */
  bytes?: number
  /** Without the region entry and its trailer, as rpm wrote before 4.0. */
  noRegion?: boolean
  /** Lines of the index, found by their tag, of which some fields are others. */
  index?: ({ of: number } & Partial<IndexLine>)[]
  /** Fields of the region's trailer. */
  trailer?: Partial<IndexLine>
  /** Entries in the order given, not in that of their tags. */
  unsorted?: boolean
}

/** HEADERSIGNATURES and HEADERIMMUTABLE, the tags of the regions (rpm, docs/manual/format_header.md). */
export const regions = { signature: 62, main: 63 } as const

/** A header structure: magic, counts, index, data; a signature header is not yet padded to 8 bytes. */
export function encodeHeader(kind: keyof typeof regions, entries: Entry[], faults: HeaderFaults = {}): Buffer {
  const ordered = faults.unsorted ? entries : entries.toSorted((a, b) => a.tag - b.tag)
  const { lines, data } = layOut(ordered)
  const whole = faults.noRegion ? { lines, data } : withRegion(regions[kind], lines, data, faults.trailer)
  for (const { of, ...fields } of faults.index ?? []) {
    const line = whole.lines.find(({ tag }) => tag === of)
    if (line === undefined) throw new Error(`there is no tag ${of} to break`)
    Object.assign(line, fields)
  }
  const intro = Buffer.alloc(16)
  ;(faults.magic ?? Buffer.from('8eade801', 'hex')).copy(intro)
  intro.writeUInt32BE(faults.entries ?? whole.lines.length, 8)
  intro.writeUInt32BE(faults.bytes ?? whole.data.length, 12)
  return Buffer.concat([intro, ...whole.lines.map(encodeLine), whole.data])
}

type Layout = { lines: IndexLine[]; data: Buffer }

function layOut(entries: Entry[]): Layout {
  const parts: Buffer[] = []
  let end = 0
  const lines = entries.map(({ tag, type, count, bytes }) => {
    const offset = Math.ceil(end / alignment(type)) * alignment(type)
    parts.push(Buffer.alloc(offset - end), bytes)
    end = offset + bytes.length
    return { tag, type, offset, count }
  })
  return { lines, data: Buffer.concat(parts) }
}

/** The region is the first line; its data, the trailer, ends the header and tells how far back the index begins. */
function withRegion(tag: number, lines: IndexLine[], data: Buffer, trailer?: Partial<IndexLine>): Layout {
  const region = { tag, type: types.bin, offset: data.length, count: 16 }
  const end = encodeLine({ ...region, offset: -16 * (lines.length + 1), ...trailer })
  return { lines: [region, ...lines], data: Buffer.concat([data, end]) }
}

function encodeLine({ tag, type, offset, count }: IndexLine): Buffer {
  const line = Buffer.alloc(16)
  line.writeInt32BE(tag, 0)
  line.writeUInt32BE(type, 4)
  line.writeInt32BE(offset, 8)
  line.writeUInt32BE(count, 12)
  return line
}
