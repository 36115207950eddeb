import {
  closeSync,
  fdatasync,
  ftruncateSync,
  futimesSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type Digest, Hasher } from '../digest.ts'
import { isSystemError } from '../errors.ts'
import { largeFile } from './durable.ts'

/** Bytes are gathered up to this size before they are written. */
const blockBytes = 256 * 1024

/** Sees the bytes of a part as they are hashed; `restart`: they begin again from the first. */
export type PartWatcher = { restart: () => void; update: (bytes: Buffer) => void }

/** Where a file that is being fetched stands; its name is its claim: whoever made it fetches it, others wait. */
export function partPath(tmp: string, { algorithm, hex }: Digest): string {
  return join(tmp, `${algorithm}-${hex}.part`)
}

/** Where parts that an earlier run left behind wait to be taken up. */
export function leftPath(part: string): string {
  return join(dirname(part), 'left', basename(part))
}

/**
 * A file under way: hashed while it is written, so that it need not be read again. Writes are synchronous: they go
 * to the page cache, in a process of their own, and a small file costs a third of what it costs through promises.
 */
export class PartFile {
  readonly path: string
  #fd: number
  readonly #algorithm: Digest['algorithm']
  readonly #watcher: PartWatcher | undefined
  #hasher: Hasher
  #block: Buffer[] = []
  #blockSize = 0

  private constructor(path: string, fd: number, algorithm: Digest['algorithm'], watcher?: PartWatcher) {
    this.path = path
    this.#fd = fd
    this.#algorithm = algorithm
    this.#watcher = watcher
    watcher?.restart()
    this.#hasher = new Hasher(algorithm)
  }

  /** Claims a file, taking up what an earlier run left of it; undefined while another process has it. */
  static claim(path: string, { algorithm }: Digest, watcher?: PartWatcher): PartFile | undefined {
    try {
      if (!takeUp(path)) return new PartFile(path, openSync(path, 'wx', 0o644), algorithm, watcher)
      const part = new PartFile(path, openSync(path, 'r+'), algorithm, watcher)
      part.#readBack()
      return part
    } catch (error) {
      if (isSystemError(error, 'EEXIST')) return undefined
      throw error
    }
  }

  /** Begins a file that nobody else can want under this name. */
  static create(path: string): PartFile {
    return new PartFile(path, openSync(path, 'wx', 0o644), 'sha256')
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#hasher.bytes
  }

  append(chunk: Buffer): void {
    this.#hash(chunk)
    this.#block.push(chunk)
    this.#blockSize += chunk.length
    if (this.#blockSize >= blockBytes) this.#write()
  }

  /** Begins again from nothing. */
  restart(): void {
    this.#block = []
    this.#blockSize = 0
    if (this.#hasher.bytes === 0) return
    this.#hasher = new Hasher(this.#algorithm)
    this.#watcher?.restart()
    ftruncateSync(this.#fd, 0)
  }

  /** Begins again with a whole file, which takes the place of what was written; its bytes are hashed as they are there. */
  takeOver(file: string): void {
    this.restart()
    const fd = openSync(file, 'r+')
    renameSync(file, this.path)
    closeSync(this.#fd)
    this.#fd = fd
    this.#readBack()
  }

  /** Ends writing: all bytes are in the file, a large one durable. The digests of what was written. */
  async finish(fileTime: number): Promise<{ stated: Digest; sha256: string }> {
    const digests = this.end(fileTime)
    await this.sync()
    return digests
  }

  /** `finish` without waiting for the disk. */
  end(fileTime: number): { stated: Digest; sha256: string } {
    this.#write()
    if (fileTime > 0) futimesSync(this.#fd, fileTime, fileTime)
    return this.#hasher.finish()
  }

  /** Makes a large file durable; small ones are so together, later. */
  async sync(): Promise<void> {
    if (this.bytes >= largeFile) await promisify(fdatasync)(this.#fd)
  }

  /** Closes the file; it stays where it is, for the pool or for a later run. */
  close(): void {
    closeSync(this.#fd)
  }

  /** Gives up the claim: what was written, if anything, waits for a later try, or goes. */
  giveUp(keep: boolean): void {
    const written = this.#hasher.bytes - this.#blockSize
    this.close()
    if (keep && written > 0) renameSync(this.path, leftPath(this.path))
    else rmSync(this.path, { force: true })
  }

  #hash(bytes: Buffer): void {
    this.#hasher.update(bytes)
    this.#watcher?.update(bytes)
  }

  #write(): void {
    const block = this.#block.length === 1 ? (this.#block[0] as Buffer) : Buffer.concat(this.#block)
    let position = this.#hasher.bytes - this.#blockSize
    for (let done = 0; done < block.length; ) {
      const written = writeSync(this.#fd, block, done, block.length - done, position)
      done += written
      position += written
    }
    this.#block = []
    this.#blockSize = 0
  }

  #readBack(): void {
    for (;;) {
      // A watcher may keep what it sees.
      const block = Buffer.allocUnsafe(1024 * 1024)
      const read = readSync(this.#fd, block, 0, block.length, this.bytes)
      if (read === 0) return
      this.#hash(block.subarray(0, read))
    }
  }
}

/** Leaves the part of a killed process to whoever takes it up first. */
export function release(path: string): void {
  try {
    renameSync(path, leftPath(path))
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
}

/** Moves a left part to its place; false where none was left. Linking fails where another process was faster. */
function takeUp(path: string): boolean {
  try {
    linkSync(leftPath(path), path)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
  rmSync(leftPath(path), { force: true })
  return true
}
