import { MirrorError, oneLine } from '../errors.ts'

/** Where something is written, counted from 1; a file as a whole has no line. */
export type Place = { file: string; line?: number; column?: number }

/** One mistake of a person: where (`file:line:column`), what is wrong, and what to write instead. */
export type Mistake = { at: string; what: string; write: string }

/** A configuration that cannot be used, with every mistake in it; its message is one line for each. */
export class ConfigError extends MirrorError {
  readonly mistakes: readonly Mistake[]

  constructor(mistakes: readonly Mistake[]) {
    super('E_CONFIG', mistakes.map(mistakeLine).join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }

  /** `E_CONFIG mirror.yaml:12:5: repos.a.newest_onli: unknown key; did you mean newest_only?`, one for each mistake. */
  get lines(): string[] {
    return this.mistakes.map((mistake) => `E_CONFIG ${mistakeLine(mistake)}`)
  }
}

/** `file:line:column: what; write`. */
export function mistakeLine({ at, what, write }: Mistake): string {
  return oneLine(`${at}: ${what}${write === '' ? '' : `; ${write}`}`)
}

/** `file:line:column`. */
export function placeText({ file, line, column }: Place): string {
  return line === undefined ? file : `${file}:${line}:${column}`
}

/** A value as it is shown in a message: in backticks, on one line, shortened. */
export function quoted(value: string): string {
  const line = oneLine(value)
  return line === '' ? 'nothing' : `\`${line.length > 80 ? `${line.slice(0, 77)}...` : line}\``
}

/** More lines than this help nobody. */
const shown = 100

type Found = Omit<Mistake, 'write'> & { place: Place; write: string | (() => string) }

/** Everything that is wrong or doubtful in one configuration, collected so that it is said at once. */
export class Mistakes {
  readonly #found = new Map<string, Found>()
  readonly #warnings = new Set<string>()

  /** The same mistake at the same place, as when a matrix repeats it, counts once; `write` may be worked out when shown. */
  add(place: Place, what: string, write: Found['write']): void {
    const at = placeText(place)
    const key = `${at} ${what}`
    if (!this.#found.has(key)) this.#found.set(key, { at, what, write, place })
  }

  /** A mistake in something that has a name. */
  about({ place, called }: { place: Place; called: string }, what: string, write: Found['write']): void {
    this.add(place, called === '' ? what : `${called}: ${what}`, write)
  }

  warn(place: Place, what: string): void {
    this.#warnings.add(oneLine(`${placeText(place)}: ${what}`))
  }

  get warnings(): string[] {
    return [...this.#warnings]
  }

  throwIfAny(): void {
    const found = this.#inOrder()
    const mistakes = found.slice(0, shown).map(written)
    const rest = found[shown]
    if (rest !== undefined) mistakes.push({ at: rest.at, what: `${found.length - shown} more from here on`, write: '' })
    if (mistakes.length > 0) throw new ConfigError(mistakes)
  }

  /** File by file as they were read, from top to bottom. */
  #inOrder(): Found[] {
    const files = Map.groupBy(this.#found.values(), ({ place }) => place.file)
    return [...files.values()].flatMap((found) => found.sort(byPlace))
  }
}

function written({ at, what, write }: Found): Mistake {
  return { at, what, write: typeof write === 'string' ? write : write() }
}

function byPlace(a: Found, b: Found): number {
  return (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0)
}
