import { createHash, type Hash } from 'node:crypto'
import { closeSync, existsSync, fdatasync, openSync, renameSync, rmSync, write } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { fromSystem, MirrorError } from '../../errors.ts'
import { fsyncDirectory, writeFileAtomic } from '../../store/durable.ts'
import { partFile } from './input.ts'

/** Bytes are gathered up to this size; while one such block is written the next one is filled. */
const blockBytes = 1024 * 1024

/** A file while it is written: it gets its name when all of them are whole. */
type Open = { file: string; fd: number; bytes: number; hash: Hash | undefined }

const writeAsync = promisify(write)

/**
 * Where an archive is written: one file, or parts of a size. Whoever fills it asks for room, puts bytes there and says how
 * many; nothing has its final name before all of it is on the disk.
 */
export class ArchiveOutput {
  readonly #file: string
  readonly #partBytes: number | null
  readonly #parts: Open[] = []
  #filling = Buffer.allocUnsafeSlow(blockBytes)
  #spare = Buffer.allocUnsafeSlow(blockBytes)
  #used = 0
  #writing: Promise<void> = Promise.resolve()

  /** @throws E_USAGE where something has the name already */
  constructor(file: string, partBytes: number | null) {
    this.#file = file
    this.#partBytes = partBytes
    for (const name of [file, partFile(file, 1)])
      if (existsSync(name)) throw new MirrorError('E_USAGE', `${name} is there already; remove it or name another file`)
  }

  /** The bytes that may be filled now, at least one. */
  async room(): Promise<Buffer> {
    if (this.#used === blockBytes) await this.#flush()
    return this.#filling.subarray(this.#used)
  }

  /** Says that the first so many bytes of the room are filled. */
  filled(bytes: number): void {
    this.#used += bytes
  }

  /** Adds bytes that are there already. */
  async add(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const copied = bytes.copy(await this.room(), 0, from)
      this.filled(copied)
      from += copied
    }
  }

  /** Makes everything durable and gives it its names, the first part last. Returns the files. */
  async finish(): Promise<string[]> {
    await this.#flush()
    await this.#writing
    const files = this.#parts.map((_, i) => (this.#partBytes === null ? this.#file : partFile(this.#file, i + 1)))
    for (const { fd, file } of this.#parts) {
      await promisify(fdatasync)(fd).catch((error: unknown) => {
        throw fromSystem(error, `Cannot write ${file}`)
      })
    }
    if (this.#partBytes !== null) writeFileAtomic(sumsFile(this.#file), this.#sums(files))
    for (const [i, { file }] of [...this.#parts.entries()].reverse()) renameSync(file, files[i] as string)
    this.#close()
    fsyncDirectory(dirname(this.#file))
    return files
  }

  /** Removes what was written. */
  async abandon(): Promise<void> {
    await this.#writing.catch(() => {})
    this.#close()
    for (const { file } of this.#parts) rmSync(file, { force: true })
  }

  #close(): void {
    for (const part of this.#parts) if (part.fd !== -1) closeSync(part.fd)
    for (const part of this.#parts) part.fd = -1
  }

  #sums(files: readonly string[]): string {
    return this.#parts.map(({ hash }, i) => `${hash?.digest('hex')}  ${basename(files[i] as string)}\n`).join('')
  }

  /** Begins to write what was gathered when what was gathered before is written. */
  async #flush(): Promise<void> {
    await this.#writing
    const block = this.#filling.subarray(0, this.#used)
    ;[this.#filling, this.#spare] = [this.#spare, this.#filling]
    this.#used = 0
    this.#writing = this.#write(block)
    // Whoever waits for it next hears of a failure; until then it must not end the process.
    this.#writing.catch(() => {})
  }

  async #write(block: Buffer): Promise<void> {
    for (let from = 0; from < block.length; ) {
      const part = this.#partWithRoom()
      const most = this.#partBytes === null ? block.length : this.#partBytes - part.bytes
      const piece = block.subarray(from, from + most)
      await writeWhole(part, piece)
      part.hash?.update(piece)
      part.bytes += piece.length
      from += piece.length
    }
  }

  #partWithRoom(): Open {
    const last = this.#parts.at(-1)
    if (last !== undefined && (this.#partBytes === null || last.bytes < this.#partBytes)) return last
    const name = this.#partBytes === null ? this.#file : partFile(this.#file, this.#parts.length + 1)
    const file = join(dirname(name), `.${basename(name)}.${process.pid}.new`)
    const part = {
      file,
      fd: openSync(file, 'w', 0o644),
      bytes: 0,
      hash: this.#partBytes === null ? undefined : createHash('sha256'),
    }
    this.#parts.push(part)
    return part
  }
}

/** Where the digests of an archive's parts stand, in the form that `sha256sum -c` reads. */
export function sumsFile(file: string): string {
  return `${file}.sha256`
}

async function writeWhole({ file, fd }: Open, bytes: Buffer): Promise<void> {
  try {
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await writeAsync(fd, bytes, from, bytes.length - from, null)
      from += bytesWritten
    }
  } catch (error) {
    throw fromSystem(error, `Cannot write ${file}`)
  }
}
