import { createHash } from 'node:crypto'
import { MirrorError } from '../../errors.ts'
import { type Archive, type ArchiveReader, missing, type Part, partFile } from './input.ts'
import { type Manifest, maxManifest, readManifest } from './manifest.ts'
import { contentName, digestLine, names } from './names.ts'
import {
  blockBytes,
  entryBytes,
  padded,
  readHeader,
  readPaxSize,
  shownName,
  type TarEntry,
  tarEnd,
  typeName,
} from './tar.ts'

/** What stands before an archive's contents, read and checked; `signature` is that of `manifestBytes`, armored. */
export type Head = {
  manifest: Manifest
  manifestBytes: Buffer
  /** Of the manifest, and so of all that it names. */
  sha256: string
  signature: Buffer | undefined
  /** Goes on behind it. */
  reader: ArchiveReader
  /** What was read ahead: the header of the first content, or undefined at the end. */
  next: TarEntry | undefined
}

const limits = { digest: 200, signature: 1024 * 1024 }

/**
 * Reads an archive as far as its manifest, and holds its files' sizes against it.
 * @throws E_ARCHIVE, E_TRUNCATED, E_CHECKSUM saying what is wrong with it and where
 */
export async function readHead(reader: ArchiveReader): Promise<Head> {
  const manifestBytes = await readFirst(reader)
  const sha256 = createHash('sha256').update(manifestBytes).digest('hex')
  const digest = await readSmall(await nextEntry(reader), names.digest, limits.digest, reader)
  if (digest.toString('latin1') !== digestLine(sha256))
    throw new MirrorError('E_CHECKSUM', `${names.manifest} was altered: ${names.digest} is of another one`)
  const manifest = readManifest(manifestBytes)
  let next = await nextEntry(reader)
  let signature: Buffer | undefined
  if (next?.name === names.signature) {
    signature = await readSmall(next, names.signature, limits.signature, reader)
    next = await nextEntry(reader)
  }
  checkSizes(reader.archive, manifest, reader.position - (next === undefined ? blockBytes : headersOf(next)))
  return { manifest, manifestBytes, sha256, signature, reader, next }
}

function headersOf({ size }: TarEntry): number {
  return entryBytes(size) - padded(size)
}

/** The manifest, of which nothing says anything before. Something that is no archive is told as such. */
async function readFirst(reader: ArchiveReader): Promise<Buffer> {
  const first = await nextEntry(reader).catch((cause: unknown) => {
    if (!(cause instanceof MirrorError) || cause.code === 'E_IO') throw cause
    throw new MirrorError('E_ARCHIVE', `it is no archive of mirror export: ${cause.message}`, { cause })
  })
  return await readSmall(first, names.manifest, maxManifest, reader)
}

async function readSmall(
  entry: TarEntry | undefined,
  name: string,
  limit: number,
  reader: ArchiveReader,
): Promise<Buffer> {
  if (entry?.name !== name)
    throw new MirrorError(
      'E_ARCHIVE',
      `${name} expected, found ${entry === undefined ? 'its end' : shownName(entry.name)}`,
    )
  if (entry.size > limit)
    throw new MirrorError('E_LIMIT', `${name} is ${entry.size} bytes long; at most ${limit} are taken`)
  const bytes = await reader.take(entry.size, name)
  await reader.take(padded(entry.size) - entry.size, name)
  return bytes
}

/** The next file of an archive, undefined at its end. @throws E_ARCHIVE for what is no file */
export async function nextEntry(reader: ArchiveReader): Promise<TarEntry | undefined> {
  const header = readHeader(await reader.take(blockBytes, 'its headers'))
  if (header === undefined) return undefined
  if (header.type === '0') return header
  if (header.type !== 'x')
    throw new MirrorError(
      'E_ARCHIVE',
      `${shownName(header.name)} is ${typeName(header.type)}; an archive holds files only`,
    )
  if (header.size > blockBytes) throw new MirrorError('E_LIMIT', 'a pax header that is longer than a size needs')
  const size = readPaxSize((await reader.take(blockBytes, 'its headers')).subarray(0, header.size))
  const entry = readHeader(await reader.take(blockBytes, 'its headers'))
  if (entry?.type !== '0' || entry.size !== 0) throw new MirrorError('E_ARCHIVE', 'a pax header that no file follows')
  return { ...entry, size }
}

/** Sees from its files' sizes that an archive is whole, before it is read. `head`: how many bytes stand before the contents. */
function checkSizes(archive: Archive, { contents, partBytes }: Manifest, head: number): void {
  const expected = contents.reduce((sum, { size }) => sum + entryBytes(size), head + tarEnd.length)
  const { parts, file } = archive
  if (partBytes === null) {
    if (parts.length > 1) throw new MirrorError('E_ARCHIVE', 'it was not written in parts, and here are several')
    checkSize(parts[0] as Part, expected)
    return
  }
  const count = Math.ceil(expected / partBytes)
  for (const [i, part] of parts.entries()) {
    if (i >= count) throw new MirrorError('E_ARCHIVE', `${part.file} is none of its ${count} parts; move it away`)
    checkSize(part, Math.min(partBytes, expected - i * partBytes))
  }
  if (parts.length < count) throw missing(partFile(file, parts.length + 1))
}

function checkSize({ file, size }: Part, expected: number): void {
  if (size < expected)
    throw new MirrorError('E_TRUNCATED', `${file}: size expected ${expected}, found ${size}; copy it again`)
  if (size > expected)
    throw new MirrorError('E_SIZE', `${file}: size expected ${expected}, found ${size}; copy it again`)
}

/** Where each content goes as it comes: told of its bytes, then that it ended. */
export type Taker = {
  begin(content: Manifest['contents'][number], mtime: number): void
  data(chunk: Buffer): void
  /** Holds what came against what was announced. */
  end(): Promise<void>
}

/**
 * Reads an archive's contents in the order of its manifest, to its end.
 * @throws E_ARCHIVE for anything else that is in it, and whatever the taker throws
 */
export async function readContents({ manifest, reader, next }: Head, taker: Taker, signal: AbortSignal): Promise<void> {
  let entry = next
  for (const content of manifest.contents) {
    signal.throwIfAborted()
    checkEntry(entry, content)
    taker.begin(content, (entry as TarEntry).mtime)
    const what = contentName(content.sha256)
    await reader.pass(content.size, what, (chunk) => taker.data(chunk))
    await taker.end()
    await reader.take(padded(content.size) - content.size, what)
    entry = await nextEntry(reader)
  }
  if (entry !== undefined) throw new MirrorError('E_ARCHIVE', `${shownName(entry.name)} is none of its contents`)
  const last = await reader.take(blockBytes, 'its end')
  if (readHeader(last) !== undefined || !(await reader.isAtEnd()))
    throw new MirrorError('E_ARCHIVE', 'something stands behind its end')
}

function checkEntry(entry: TarEntry | undefined, { sha256, size }: Manifest['contents'][number]): void {
  const name = contentName(sha256)
  if (entry?.name !== name)
    throw new MirrorError(
      'E_ARCHIVE',
      `${name} expected, found ${entry === undefined ? 'its end' : shownName(entry.name)}`,
    )
  if (entry.size !== size) throw new MirrorError('E_SIZE', `${name}: size expected ${size}, found ${entry.size}`)
}
