import { fromSystem, MirrorError } from '../../errors.ts'
import { writeFilelists, writeFilelistsExt } from '../../repodata/filelists/write.ts'
import { writeOther } from '../../repodata/other/write.ts'
import { writePrimary } from '../../repodata/primary/write.ts'
import { fileDigestAlgorithm } from '../../rpm/fileDigest.ts'
import { formatNevra } from '../../rpm/nevra.ts'
import { maxRecord } from '../../xml/chunks.ts'
import { describe } from '../describe/describe.ts'
import type { Reading } from '../options.ts'
import { readRpm } from './rpmFile.ts'

/** The documents that records are written for; filelists-ext only where it was asked for. */
export const recordKinds = ['primary', 'filelists', 'other', 'filelists-ext'] as const
export type RecordKind = (typeof recordKinds)[number]

/** A package to read, and the location that its record is to have. */
export type ToRead = { file: string; href: string; base: string | undefined }

/** What became of one file: what it is, or why it is left out. */
export type Outcome = { nevra: string; buildTime: number; warnings: string[] } | { reason: string }

/**
 * What was read, in the order of what was asked for. The records of each kind lie in one block, each followed by a line's
 * end; `ends` are the offsets behind them, one for each file that was not left out.
 */
export type Batch = { outcomes: Outcome[]; records: Partial<Record<RecordKind, { bytes: Uint8Array; ends: number[] }>> }

/** The memory that a batch's records lie in. */
export function memoryOf({ records }: Batch): ArrayBuffer[] {
  return Object.values(records).map(({ bytes }) => bytes.buffer as ArrayBuffer)
}

/**
 * Reads packages and writes their records. What cannot be read is an outcome, not an error. `spare` is memory of earlier
 * batches to write into: new memory each time keeps the collector busy (a twentieth of the CPU time of a run).
 */
export function readBatch(wanted: readonly ToRead[], reading: Reading, spare: ArrayBuffer[]): Batch {
  const kinds = recordKinds.filter((kind) => kind !== 'filelists-ext' || reading.filelistsExt)
  const blocks = new Map(kinds.map((kind) => [kind, new Block(spare.pop())]))
  const outcomes = wanted.map((one) => readOne(one, reading, blocks))
  return { outcomes, records: Object.fromEntries([...blocks].map(([kind, block]) => [kind, block.finish()])) }
}

function readOne({ file, href, base }: ToRead, reading: Reading, blocks: ReadonlyMap<RecordKind, Block>): Outcome {
  try {
    const { rpm, ...facts } = readRpm(file, reading.checksum)
    const warnings: string[] = []
    const pkg = describe(
      rpm,
      { ...facts, checksumType: reading.checksum, href, base },
      {
        changelogLimit: reading.changelogLimit,
        fileDigests: reading.filelistsExt,
        tell: (text) => warnings.push(text),
      },
    )
    const records = {
      primary: writePrimary(pkg),
      filelists: writeFilelists(pkg),
      other: writeOther(pkg),
      'filelists-ext': reading.filelistsExt ? writeFilelistsExt(pkg, fileDigestAlgorithm(rpm.main)) : '',
    }
    for (const kind of blocks.keys()) checkLength(kind, records[kind])
    for (const [kind, block] of blocks) block.add(records[kind])
    return { nevra: formatNevra(pkg), buildTime: pkg.buildTime, warnings }
  } catch (cause) {
    const error = fromSystem(cause)
    if (error instanceof MirrorError) return { reason: error.message }
    if (isTooLong(cause)) return { reason: 'its records would be longer than any text can be' }
    throw error
  }
}

/** Nobody reads larger records, ourselves included. @throws E_RPM */
function checkLength(kind: RecordKind, record: string): void {
  // No character of UTF-16 takes more than three bytes.
  if (record.length * 3 > maxRecord && Buffer.byteLength(record) > maxRecord)
    throw new MirrorError('E_RPM', `its record of ${kind} would be larger than ${maxRecord} bytes`)
}

/** What V8 says of a text of more than 512 MiB. */
function isTooLong(cause: unknown): boolean {
  return cause instanceof RangeError && cause.message === 'Invalid string length'
}

/** Texts one behind the other as bytes. */
class Block {
  #bytes: Buffer
  #used = 0
  readonly #ends: number[] = []

  constructor(memory = new ArrayBuffer(128 * 1024)) {
    this.#bytes = Buffer.from(memory)
  }

  add(text: string): void {
    // No character of UTF-16 takes more than three bytes.
    const most = this.#used + text.length * 3 + 1
    if (most > this.#bytes.length) this.#grow(most)
    this.#used += this.#bytes.write(text, this.#used, 'utf8')
    this.#ends.push(this.#used)
    this.#bytes[this.#used++] = 0x0a
  }

  finish(): { bytes: Uint8Array; ends: number[] } {
    return { bytes: this.#bytes.subarray(0, this.#used), ends: this.#ends }
  }

  #grow(least: number): void {
    const larger = Buffer.from(new ArrayBuffer(Math.max(least, this.#bytes.length * 2)))
    this.#bytes.copy(larger, 0, 0, this.#used)
    this.#bytes = larger
  }
}
