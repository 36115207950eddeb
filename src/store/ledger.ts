import { dirname } from 'node:path'
import type { Content, ContentRows } from './content.ts'
import { largeFile, makeDurable } from './durable.ts'
import type { Pool } from './pool.ts'

/** After so many contents or bytes, what has come in is made durable and recorded, so that a kill costs little. */
const batch = { contents: 4096, bytes: 512 * 1024 * 1024 }

/**
 * Collects contents that are in the pool and writes their rows once their files are durable: never before, because
 * the row is what counts as "present".
 */
export class Ledger {
  readonly #pool: Pool
  readonly #rows: ContentRows
  #pending: Content[] = []
  #bytes = 0
  #writing: Promise<void> = Promise.resolve()

  constructor(pool: Pool, rows: ContentRows) {
    this.#pool = pool
    this.#rows = rows
  }

  /** Takes a content up; every now and then this begins to make what was collected durable, beside the caller. */
  add(content: Content): void {
    this.#pending.push(content)
    this.#bytes += content.size
    if (this.#pending.length >= batch.contents || this.#bytes >= batch.bytes) {
      // A failure is kept and met by whoever calls settle.
      this.#writing = this.#writing.then(this.#taken())
      this.#writing.catch(() => {})
    }
  }

  /** Resolves when all that was added is durable and recorded. */
  async settle(): Promise<void> {
    const write = this.#taken()
    this.#writing = this.#writing.then(write)
    await this.#writing
  }

  #taken(): () => Promise<void> {
    const contents = this.#pending
    this.#pending = []
    this.#bytes = 0
    return async () => {
      const path = ({ sha256 }: Content) => this.#pool.path(sha256)
      const small = contents.filter(({ size }) => size < largeFile)
      await makeDurable(small.map(path), new Set(contents.map((content) => dirname(path(content)))))
      this.#rows.add(contents)
    }
  }
}
