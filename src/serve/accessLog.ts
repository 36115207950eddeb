import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { fromSystem } from '../errors.ts'
import type { AccessEntry } from './answer.ts'
import { combinedLine } from './combined.ts'

/** Lines wait for so long (ms) or so many characters before they are written together. */
const waitMs = 500
const waitChars = 64 * 1024

/** Somewhere lines in the combined format go to. */
export interface AccessLog {
  add(entry: AccessEntry): void
  close(): void
}

/** An access log in a file, or on `stdout`; none without a place. Its failures cost lines and a word to `failed`. */
export function accessLog(
  place: string | undefined,
  failed: (message: string) => void = () => {},
): AccessLog | undefined {
  if (place === undefined) return undefined
  if (place !== 'stdout') return new LogFile(place, failed)
  return { add: (entry) => void process.stdout.write(combinedLine(entry)), close: () => {} }
}

/** A file that was renamed or removed, as logrotate does, is made anew with the next lines. */
class LogFile implements AccessLog {
  readonly #path: string
  readonly #failed: (message: string) => void
  #fd: number
  #waiting = ''
  #timer: NodeJS.Timeout | undefined
  #failing = false

  /** @throws the system's error as a MirrorError where the file cannot be opened */
  constructor(path: string, failed: (message: string) => void) {
    this.#path = path
    this.#failed = failed
    this.#fd = open(path)
  }

  add(entry: AccessEntry): void {
    this.#waiting += combinedLine(entry)
    if (this.#waiting.length >= waitChars) this.#flush()
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs).unref()
  }

  /** Writes what waits, into the file that has the name now. */
  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const lines = this.#waiting
    this.#waiting = ''
    try {
      this.#reopenIfMoved()
      if (lines !== '') writeSync(this.#fd, lines)
      this.#failing = false
    } catch (error) {
      const { message } = fromSystem(error, `Cannot write the access log ${this.#path}`) as Error
      if (!this.#failing) this.#failed(`${message}; lines are lost until it can`)
      this.#failing = true
    }
  }

  close(): void {
    this.#flush()
    closeSync(this.#fd)
  }

  #reopenIfMoved(): void {
    const named = statSync(this.#path, { throwIfNoEntry: false })
    if (named !== undefined && named.ino === fstatSync(this.#fd).ino) return
    const fresh = open(this.#path)
    closeSync(this.#fd)
    this.#fd = fresh
  }
}

/** Not for everybody: it tells who read what. */
function open(path: string): number {
  try {
    return openSync(path, 'a', 0o640)
  } catch (error) {
    throw fromSystem(error, `Cannot open the access log ${path}`)
  }
}
