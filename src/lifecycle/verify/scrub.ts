import { poolBytes } from '../../store/content.ts'
import { type Database, getMeta, setMeta } from '../../store/database.ts'

/** How far the reading of everything has come. Times are milliseconds since the epoch. */
export type ScrubState = {
  /** The content that was read last, as sha256; contents are read in that order. '' at the beginning. */
  position: string
  /** When this pass began, the bytes that it has read, and when the last slice was. */
  began: number
  bytes: number
  at: number
  /** When the last pass ended; undefined before that. */
  ended: number | undefined
  /** What was damaged and put right, since the state was made. */
  mended: number
}

/** Problems that were found and could not be put right, in a line each. */
export type Damage = readonly string[]

const beginning: ScrubState = { position: '', began: 0, bytes: 0, at: 0, ended: undefined, mended: 0 }

export function readScrub(database: Database): ScrubState {
  return { ...beginning, ...(JSON.parse(getMeta(database, 'scrub') ?? '{}') as Partial<ScrubState>) }
}

/** What a scrub or a repair has left. */
export function readDamage(database: Database): Damage {
  return JSON.parse(getMeta(database, 'damage') ?? '[]') as Damage
}

/** How many problems are remembered in words. */
const mostRemembered = 100

export function writeDamage(database: Database, damage: Damage): void {
  if (damage.length > 0 || getMeta(database, 'damage') !== undefined)
    setMeta(database, 'damage', JSON.stringify(damage.slice(0, mostRemembered)))
}

/** At most so many bytes at once, however long nothing was read. */
const mostBytes = 2 * 1024 ** 3

/** The contents to be read next. */
export type Slice = { contents: Set<string>; bytes: number; after: ScrubState }

/**
 * The next contents, as many as are due for all to be read once in `periodMs`; at least one. Where the last one is among
 * them the next slice begins at the beginning.
 */
export function nextSlice(database: Database, periodMs: number, now: number): Slice {
  const before = readScrub(database)
  const began = before.position === '' ? now : before.began
  const elapsed = before.at === 0 ? 0 : Math.min(Math.max(0, now - before.at), periodMs)
  const due = Math.min(mostBytes, (poolBytes(database) * elapsed) / periodMs)
  const rows = database
    .prepare('SELECT lower(hex(sha256)) AS sha256, size FROM content WHERE sha256 > ? ORDER BY sha256')
    .iterate(Buffer.from(before.position, 'hex'))
  const contents = new Set<string>()
  let bytes = 0
  let position = ''
  for (const row of rows) {
    if (contents.size > 0 && bytes >= due) return sliceOf(contents, bytes, { ...before, began, position, at: now })
    position = row.sha256 as string
    contents.add(position)
    bytes += row.size as number
  }
  return sliceOf(contents, bytes, { ...before, began, position: '', at: now, ended: now })
}

function sliceOf(contents: Set<string>, bytes: number, after: ScrubState): Slice {
  const read = after.position === '' ? 0 : after.bytes + bytes
  return { contents, bytes, after: { ...after, bytes: read } }
}

/** Remembers that a slice was read. */
export function writeScrub(database: Database, after: ScrubState): void {
  setMeta(database, 'scrub', JSON.stringify(after))
}
