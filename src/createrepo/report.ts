import { writeFileSync } from 'node:fs'
import type { Handled } from './stream.ts'

/** What became of each file, told as it happens and counted. */
export class Report {
  readonly #warn: (line: string) => void
  readonly #told = new Set<string>()
  readonly #leftOut = new Set<string>()
  #read: string[] = []

  constructor(warn: (line: string) => void) {
    this.#warn = warn
  }

  /** How many packages were read. */
  get read(): number {
    return this.#read.length
  }

  /** How many files were left out. */
  get leftOut(): number {
    return this.#leftOut.size
  }

  leaveOut(file: string, reason: string): void {
    this.#leftOut.add(file)
    this.#tell(`${file} is left out: ${reason}`)
  }

  handled({ file, href, reused, outcome }: Handled): void {
    if ('reason' in outcome) {
      this.leaveOut(file, outcome.reason)
      return
    }
    if (!reused) this.#read.push(href)
    for (const warning of outcome.warnings) this.#tell(`${file}: ${warning}`)
  }

  /** Forgets the packages, which are handled once more; what was told of them is not told again. */
  again(): void {
    this.#read = []
  }

  #tell(line: string): void {
    if (this.#told.has(line)) return
    this.#told.add(line)
    this.#warn(line)
  }

  /** Writes the hrefs of the packages that were read, one a line. */
  writeRead(file: string): void {
    writeFileSync(file, this.#read.map((href) => `${href}\n`).join(''))
  }
}
