import { closeSync, fstatSync, openSync, read, readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { fromSystem, isSystemError, MirrorError } from '../../errors.ts'

/** One file of an archive, open: what is read is what was looked at, whatever becomes of its name. */
export type Part = { file: string; fd: number; size: number }

/** The files that an archive is in: one, or its parts in their order. */
export type Archive = Disposable & { file: string; parts: Part[]; size: number }

/** `archive.tar.001`: the first three digits or more behind the last dot. */
const partName = /^(.+)\.(\d{3,})$/

/** The name of one part, counted from 1. */
export function partFile(file: string, part: number): string {
  return `${file}.${String(part).padStart(3, '0')}`
}

/**
 * Opens an archive: the file, or where there is none of that name its parts, of which any may be named.
 * @throws E_USAGE where there is neither, E_ARCHIVE for a part that is missing between others
 */
export function openArchive(file: string): Archive {
  const whole = open(file, partName.test(file))
  if (whole !== undefined) return archiveOf(file, [whole])
  const name = partName.exec(file)?.[1] ?? file
  const parts: Part[] = []
  try {
    const numbers = partsOf(name)
    for (const [i, number] of numbers.entries()) {
      if (number !== i + 1) throw missing(partFile(name, i + 1))
      parts.push(open(partFile(name, number), false) as Part)
    }
    if (parts.length === 0)
      throw new MirrorError('E_USAGE', `there is no file ${file}, and no ${partFile(name, 1)} of an archive in parts`)
    return archiveOf(name, parts)
  } catch (error) {
    for (const { fd } of parts) closeSync(fd)
    throw error
  }
}

/** Says that a part is not there. */
export function missing(file: string): MirrorError {
  return new MirrorError('E_ARCHIVE', `the part ${file} is missing; copy it beside the others`)
}

function archiveOf(file: string, parts: Part[]): Archive {
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  const close = () => {
    for (const { fd } of parts) closeSync(fd)
  }
  return { file, parts, size, [Symbol.dispose]: close }
}

/** The numbers of the parts that are there, ascending. */
function partsOf(file: string): number[] {
  try {
    const found = readdirSync(dirname(file)).map((name) => partName.exec(name))
    return found.flatMap((match) => (match?.[1] === basename(file) ? Number(match[2]) : [])).sort((a, b) => a - b)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw fromSystem(error)
  }
}

/** Opens a file; undefined where it is not there, or is one part among others. */
function open(file: string, isPart: boolean): Part | undefined {
  if (isPart) return undefined
  try {
    const fd = openSync(file, 'r')
    const stat = fstatSync(fd)
    if (stat.isFile()) return { file, fd, size: stat.size }
    closeSync(fd)
    throw new MirrorError('E_USAGE', `${file} is no file; name the file that mirror export has written`)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw fromSystem(error, `Cannot read ${file}`)
  }
}

/** The part that a byte of an archive is in. */
export function partAt({ parts }: Archive, position: number): Part {
  let rest = position
  const found = parts.find(({ size }) => {
    rest -= size
    return rest < 0
  })
  return found ?? (parts.at(-1) as Part)
}

/** A part's bytes; while one piece of them is worked on the next one is read. */
export async function* piecesOf(part: Part): AsyncGenerator<Buffer, void, undefined> {
  let at = 0
  let next = readPiece(part, at)
  try {
    for (;;) {
      const piece = await next
      if (piece.length === 0) return
      at += piece.length
      next = readPiece(part, at)
      yield piece
    }
  } finally {
    // The file may be closed afterwards.
    await next.catch(() => {})
  }
}

const pieceBytes = 1024 * 1024
const readAsync = promisify(read)

async function readPiece({ file, fd }: Part, position: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes)
  try {
    const { bytesRead } = await readAsync(fd, piece, 0, pieceBytes, position)
    return piece.subarray(0, bytesRead)
  } catch (error) {
    throw fromSystem(error, `Cannot read ${file}`)
  }
}

/** The archive's bytes, its parts one behind the other. */
async function* chunksOf({ parts }: Archive): AsyncGenerator<Buffer, void, undefined> {
  for (const part of parts) yield* piecesOf(part)
}

/** Takes an archive's bytes as they come, counting them; given up before the archive is closed. */
export class ArchiveReader implements AsyncDisposable {
  position = 0
  readonly archive: Archive
  readonly #chunks: AsyncGenerator<Buffer, void, undefined>
  #rest: Buffer = Buffer.alloc(0)

  constructor(archive: Archive) {
    this.archive = archive
    this.#chunks = chunksOf(archive)
  }

  /** Some bytes at once. @throws E_TRUNCATED where there are fewer */
  async take(bytes: number, what: string): Promise<Buffer> {
    const taken: Buffer[] = []
    await this.pass(bytes, what, (chunk) => void taken.push(chunk))
    return taken.length === 1 ? (taken[0] as Buffer) : Buffer.concat(taken)
  }

  /** Gives bytes on, in as many pieces as they come in. @throws E_TRUNCATED where there are fewer */
  async pass(bytes: number, what: string, each: (chunk: Buffer) => void): Promise<void> {
    for (let left = bytes; left > 0; ) {
      const chunk = await this.#next(left)
      if (chunk === undefined) throw this.#ended(what)
      left -= chunk.length
      each(chunk)
    }
  }

  /** Whether nothing comes any more. */
  async isAtEnd(): Promise<boolean> {
    if (this.#rest.length > 0) return false
    const { value, done } = await this.#chunks.next()
    if (done !== true) this.#rest = value
    return done === true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return()
  }

  async #next(most: number): Promise<Buffer | undefined> {
    if (this.#rest.length === 0 && (await this.isAtEnd())) return undefined
    const chunk = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(chunk.length)
    this.position += chunk.length
    return chunk
  }

  #ended(what: string): MirrorError {
    const { file } = this.archive.parts.at(-1) as Part
    return new MirrorError('E_TRUNCATED', `${file} ends within ${what}; copy it again`)
  }
}
