import { oneLine } from '../../errors.ts'
import type { Option } from './configParser.ts'

/** What a configuration of mrepo says and ours does not, or not in that way: where, what, and why or what to do. */
export type Note = { file: string; line: number; about: string; why: string }

/** Every note, each once, in the order of files and lines. */
export class Notes {
  readonly #notes = new Map<string, Note>()

  /** `about` is what is written there: `[centos5] iso`. Values are not repeated, because they may be passwords. */
  add({ place: { file, line = 0 } }: Pick<Option, 'place'>, about: string, why: string): void {
    this.#notes.set(`${file}:${line} ${about} ${why}`, { file, line, about, why })
  }

  /** Whether anything was said of an option. */
  has({ place }: Pick<Option, 'place'>): boolean {
    return this.all.some(({ file, line }) => file === place.file && line === place.line)
  }

  get all(): Note[] {
    const files = Map.groupBy(this.#notes.values(), ({ file }) => file)
    return [...files.values()].flatMap((notes) => notes.sort((a, b) => a.line - b.line))
  }
}

/** `/etc/mrepo.conf:12: [main] mailto: ...`. */
export function noteText({ file, line, about, why }: Note): string {
  return oneLine(`${file}:${line}: ${about}: ${why}`)
}
