import { createHash, hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Repo } from '../../config/repo.ts'
import { isSystemError, MirrorError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import type { Pool } from '../../store/pool.ts'
import { type Collected, collect } from './collect.ts'
import { bytesOf, type Manifest, type WrittenManifest, writeManifest } from './manifest.ts'
import { contentName, digestLine, names } from './names.ts'
import { ArchiveOutput } from './output.ts'
import type { Since } from './since.ts'
import { padded, tarEnd, writeHeader } from './tar.ts'

export type ExportOptions = {
  repos: readonly Repo[]
  since: Since | undefined
  /** The archive's file, or what its parts are called before their numbers. */
  file: string
  partBytes: number | null
  /** Signs the manifest's bytes: an armored, detached OpenPGP signature. */
  sign?: ((bytes: Buffer) => Promise<Buffer>) | undefined
  signal: AbortSignal
  /** Told how many contents and bytes of how many are written. */
  progress: (done: Amounts, all: Amounts) => void
}

export type Amounts = { contents: number; bytes: number }

/** What was written. */
export type Exported = {
  files: string[]
  /** sha256 of the manifest, and so of all that the archive holds. */
  sha256: string
  manifest: Collected
  /** Bytes of its contents. */
  bytes: number
}

/**
 * Writes what repositories show now into one archive, a pax tar: manifest, its digest, its signature where it is signed,
 * contents. Only reads the state, beside whoever writes to it: a content stays in the pool for a day after its last link
 * is gone. Each content is hashed as it is read, so that no rot is carried on.
 * @throws E_CHECKSUM, E_IO, E_NOSPC; nothing has the archive's name then
 */
export async function exportArchive(
  options: ExportOptions,
  { database, pool }: { database: Database; pool: Pool },
): Promise<Exported> {
  const { file, partBytes, sign } = options
  const output = new ArchiveOutput(file, partBytes)
  try {
    const manifest = inOneLook(database, () => collect(options.repos, options.since, database))
    const created = new Date().toISOString()
    const written = writeManifest({ created, partBytes, ...manifest })
    await writeHead(written, await sign?.(written.bytes), secondsOf(created), output)
    await writeContents(manifest.contents, pool, output, options)
    await output.add(tarEnd)
    const bytes = bytesOf(manifest.contents)
    return { files: await output.finish(), sha256: written.sha256, manifest, bytes }
  } catch (error) {
    await output.abandon()
    throw error
  }
}

/** Whatever is published meanwhile, all that is looked up is of one moment. */
function inOneLook<T>(database: Database, look: () => T): T {
  database.exec('BEGIN')
  try {
    return look()
  } finally {
    database.exec('COMMIT')
  }
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000)
}

async function writeHead(
  { bytes, sha256 }: WrittenManifest,
  signature: Buffer | undefined,
  mtime: number,
  output: ArchiveOutput,
): Promise<void> {
  const files: [string, Buffer | undefined][] = [
    [names.manifest, bytes],
    [names.digest, Buffer.from(digestLine(sha256))],
    [names.signature, signature],
  ]
  for (const [name, content] of files) {
    if (content === undefined) continue
    await output.add(writeHeader({ name, size: content.length, mtime }))
    await output.add(content)
    await output.add(Buffer.alloc(padded(content.length) - content.length))
  }
}

async function writeContents(
  contents: Manifest['contents'],
  pool: Pool,
  output: ArchiveOutput,
  { signal, progress }: ExportOptions,
): Promise<void> {
  const all = { contents: contents.length, bytes: bytesOf(contents) }
  const done = { contents: 0, bytes: 0 }
  for (const content of contents) {
    signal.throwIfAborted()
    await writeContent(content, pool, output)
    done.contents++
    done.bytes += content.size
    progress(done, all)
  }
}

async function writeContent(
  { sha256, size }: Manifest['contents'][number],
  pool: Pool,
  output: ArchiveOutput,
): Promise<void> {
  const file = pool.path(sha256)
  const fd = openContent(file)
  try {
    const { mtimeMs, size: found } = fstatSync(fd)
    if (found !== size) throw damaged(file, `size expected ${size}, found ${found}`)
    await output.add(writeHeader({ name: contentName(sha256), size, mtime: mtimeMs / 1000 }))
    const read = await copy(fd, size, output)
    if (read !== sha256) throw damaged(file, `sha256 expected ${sha256.slice(0, 16)}..., found ${read.slice(0, 16)}...`)
    await output.add(zeros.subarray(0, padded(size) - size))
  } finally {
    closeSync(fd)
  }
}

const zeros = Buffer.alloc(512)

/** Copies a file's bytes to where they are written from. Returns their sha256. */
async function copy(fd: number, size: number, output: ArchiveOutput): Promise<string> {
  const room = await output.room()
  if (room.length >= size) {
    const bytes = room.subarray(0, fill(fd, room.subarray(0, size)))
    output.filled(bytes.length)
    return hash('sha256', bytes, 'hex')
  }
  const hasher = createHash('sha256')
  for (let left = size; left > 0; ) {
    const next = (await output.room()).subarray(0, left)
    const bytes = next.subarray(0, fill(fd, next))
    hasher.update(bytes)
    output.filled(bytes.length)
    left -= bytes.length
    if (bytes.length < next.length) break
  }
  return hasher.digest('hex')
}

/** Reads until the buffer is full or the file ends. Returns how many bytes there are. */
function fill(fd: number, into: Buffer): number {
  let read = 0
  while (read < into.length) {
    const got = readSync(fd, into, read, into.length - read, null)
    if (got === 0) break
    read += got
  }
  return read
}

function openContent(file: string): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch (cause) {
    if (!isSystemError(cause, 'ENOENT')) throw cause
    throw new MirrorError('E_IO', `Cannot export ${file}: it was swept or lost meanwhile; export again`, { cause })
  }
}

function damaged(file: string, how: string): MirrorError {
  return new MirrorError(
    'E_CHECKSUM',
    `Cannot export ${file}: it is damaged, ${how}; mirror verify --repair, then export again`,
  )
}
