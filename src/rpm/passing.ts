import { MirrorError } from '../errors.ts'
import { type Rpm, readHeaders } from './rpm.ts'

/** The headers of a package, and the bytes of the main one. */
export type PassedHeaders = { rpm: Rpm; header: Buffer }

/** What the parts of a package are shown to as they go by. */
export type Watcher = { headers: (headers: PassedHeaders) => void; payload: (bytes: Buffer) => void }

/** What `readHeaders` asks for before it has come. */
class NotYet extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super('more bytes are needed')
    this.bytes = bytes
  }
}

/**
 * A package file whose bytes go by piece by piece. Only its headers are kept, which rpm's own limits bound; the payload is
 * shown to the watcher in the pieces in which it comes.
 */
export class PassingPackage {
  readonly #watcher: Watcher
  #start: Buffer[] = []
  #bytes = 0
  #needed = 1
  #isPayload = false

  constructor(watcher: Watcher) {
    this.#watcher = watcher
  }

  /** Takes more bytes, which stay as they are. @throws E_RPM for what rpm does not read */
  update(bytes: Buffer): void {
    if (this.#isPayload) this.#watcher.payload(bytes)
    else this.#gather(bytes)
  }

  /** @throws E_RPM where the bytes end within the headers */
  end(): void {
    if (!this.#isPayload) throw new MirrorError('E_RPM', `it is cut off after ${this.#bytes} bytes`)
  }

  #gather(bytes: Buffer): void {
    this.#start.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= this.#needed) this.#read()
  }

  #read(): void {
    const bytes = this.#start.length === 1 ? (this.#start[0] as Buffer) : Buffer.concat(this.#start)
    this.#start = [bytes]
    try {
      const rpm = readHeaders((needed) => {
        if (needed > bytes.length) throw new NotYet(needed)
        return bytes
      })
      this.#isPayload = true
      this.#start = []
      this.#watcher.headers({ rpm, header: bytes.subarray(rpm.headerStart, rpm.headerEnd) })
      this.#watcher.payload(bytes.subarray(rpm.headerEnd))
    } catch (error) {
      if (!(error instanceof NotYet)) throw error
      this.#needed = error.bytes
    }
  }
}
