import { MirrorError } from '../../errors.ts'

/** A tar consists of blocks of this size; what an entry holds is filled up to a whole one. */
export const blockBytes = 512

/** One file of a tar; `mtime` in seconds since the epoch. */
export type TarEntry = { name: string; size: number; mtime: number }

/** An entry's header as it stands: `type` is its typeflag, 0 for a file. */
export type TarHeader = TarEntry & { type: string }

/** The fields of a header and where they lie (POSIX.1-2017, pax, "ustar Interchange Format"). */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const

/** The largest size that eleven octal digits hold: 8 GiB less one. Beyond it a pax record says the size. */
const maxOctal = 0o77777777777

const magic = 'ustar\u000000'

/** How many bytes an entry takes: its headers, what it holds, and what fills its last block. */
export function entryBytes(size: number): number {
  return headerCount(size) * blockBytes + padded(size)
}

/** What a tar ends with: two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes)

/** A size in whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes
}

function headerCount(size: number): number {
  return size > maxOctal ? 3 : 1
}

/** The headers of a file; the name is ASCII and fits into 100 bytes, as all names of an archive do. */
export function writeHeader({ name, size, mtime }: TarEntry): Buffer {
  if (size <= maxOctal) return headerBlock({ name, size, mtime, type: '0' })
  const record = paxRecord('size', String(size))
  const extended = headerBlock({ name: `PaxHeaders/${name.slice(-80)}`, size: record.length, mtime, type: 'x' })
  const padding = Buffer.alloc(padded(record.length) - record.length)
  return Buffer.concat([extended, record, padding, headerBlock({ name, size: 0, mtime, type: '0' })])
}

function headerBlock({ name, size, mtime, type }: TarHeader): Buffer {
  const block = Buffer.alloc(blockBytes)
  const put = (field: keyof typeof fields, text: string) => block.write(text, fields[field][0], 'latin1')
  const number = (value: number, width: number) => value.toString(8).padStart(width - 1, '0')
  put('name', name)
  put('mode', number(0o644, 8))
  put('uid', number(0, 8))
  put('gid', number(0, 8))
  put('size', number(size, 12))
  put('mtime', number(Math.min(Math.max(Math.floor(mtime), 0), maxOctal), 12))
  put('type', type)
  put('magic', magic)
  put('checksum', `${checksumOf(block).toString(8).padStart(6, '0')}\u0000 `)
  return block
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`
  let length = rest.length + 1
  while (String(length).length + rest.length !== length) length++
  return Buffer.from(`${length}${rest}`)
}

/** The sum of a header's bytes, its own field read as spaces. */
function checksumOf(block: Buffer): number {
  const [from, length] = fields.checksum
  let sum = 0x20 * length
  for (let i = 0; i < blockBytes; i++) if (i < from || i >= from + length) sum += block[i] as number
  return sum
}

/** Reads one header block; undefined for a block of zeros. @throws E_ARCHIVE for anything else than a ustar header */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (isZero(block)) return undefined
  const text = (field: keyof typeof fields) => fieldText(block, fields[field])
  if (text('magic') !== 'ustar') throw new MirrorError('E_ARCHIVE', 'no tar header where one must be')
  if (octal(text('checksum')) !== checksumOf(block)) throw new MirrorError('E_ARCHIVE', 'a damaged tar header')
  const prefix = text('prefix')
  const name = prefix === '' ? text('name') : `${prefix}/${text('name')}`
  const [size, mtime] = [octal(text('size')), octal(text('mtime'))]
  if (size === undefined || mtime === undefined) throw new MirrorError('E_ARCHIVE', `${shownName(name)} has no size`)
  return { name, size, mtime, type: text('type') || '0' }
}

/** The size that a pax header states for the file behind it. @throws E_ARCHIVE for any other record */
export function readPaxSize(bytes: Buffer): number {
  const found = /^(\d{1,2}) size=(\d{11,15})\n$/.exec(bytes.toString('latin1'))
  if (found !== null && Number(found[1]) === bytes.length) return Number(found[2])
  throw new MirrorError('E_ARCHIVE', `a pax header that says more than a size: ${shownName(bytes.toString('latin1'))}`)
}

/** A name as messages show it: from outside, and of any length. */
export function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 200))
}

/** What the kinds of entries are called that are no files (POSIX.1-2017 and GNU tar's own). */
const typeNames: Record<string, string> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '5': 'a folder',
  '6': 'a named pipe',
  g: 'a global pax header',
  K: "GNU tar's long name of a link",
  L: "GNU tar's long name",
  S: 'a sparse file',
}

/** What an entry is that is no file. */
export function typeName(type: string): string {
  return typeNames[type] ?? `an entry of type ${shownName(type)}`
}

function fieldText(block: Buffer, [from, length]: readonly [number, number]): string {
  const end = block.indexOf(0, from)
  return block.toString('utf8', from, end === -1 || end > from + length ? from + length : end)
}

function octal(text: string): number | undefined {
  return /^ *[0-7]{1,12} *$/.test(text) ? Number.parseInt(text.trim(), 8) : undefined
}

/** Whether nothing but zeros is in the bytes. */
export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0)
}
