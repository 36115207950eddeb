import { writeFileSync } from 'node:fs'
import type { Handled } from './stream.ts'

/** What became of each file, told as it happens and counted. */
export class Report {
  leftOut = 0
  readonly #warn: (line: string) => void
  #read: string[] = []

  constructor(warn: (line: string) => void) {
    this.#warn = warn
  }

  /** How many packages were read. */
  get read(): number {
    return this.#read.length
  }

  leaveOut(file: string, reason: string): void {
    this.leftOut++
    this.#warn(`${file} is left out: ${reason}`)
  }

  handled({ file, href, reused, outcome }: Handled): void {
    if ('reason' in outcome) {
      this.leaveOut(file, outcome.reason)
      return
    }
    if (!reused) this.#read.push(href)
    for (const warning of outcome.warnings) this.#warn(`${file}: ${warning}`)
  }

  /** Forgets the packages, which are handled once more; files that were left out are told only once. */
  again(): void {
    this.#read = []
  }

  /** Writes the hrefs of the packages that were read, one a line. */
  writeRead(file: string): void {
    writeFileSync(file, this.#read.map((href) => `${href}\n`).join(''))
  }
}
