import { setTimeout as sleep } from 'node:timers/promises'
import type { MirrorError } from '../errors.ts'
import type { Mirror } from './mirror.ts'

/** Where a try failed, and how. */
export type Failure = { url: URL; error: MirrorError }

/** What came of one try. */
export type Outcome<T> = { mirror: Mirror; result?: T; failure?: Failure }

type Runner<T> = { mirror: Mirror; outcome: Promise<Outcome<T>>; cut: AbortController | undefined }

/**
 * Mirrors that are asked for the same file at once, because those that were asked first are silent. The first right answer
 * wins; the others are cut off, and those that it has overtaken are told.
 * @param besideMs how long one is waited for alone; undefined: until it fails
 */
export class Race<T> {
  readonly #besideMs: number | undefined
  #runners: Runner<T>[] = []

  constructor(besideMs: number | undefined) {
    this.#besideMs = besideMs
  }

  get isEmpty(): boolean {
    return this.#runners.length === 0
  }

  enter(mirror: Mirror, run: (overtaken: AbortSignal | undefined) => Promise<Omit<Outcome<T>, 'mirror'>>): void {
    const cut = this.#besideMs === undefined ? undefined : new AbortController()
    const outcome = run(cut?.signal).then((one) => ({ ...one, mirror }))
    this.#runners.push({ mirror, outcome, cut })
  }

  /** The next outcome; undefined where there was none in time and another one could be asked. */
  async next(hasMore: boolean): Promise<Outcome<T> | undefined> {
    const waiting = new AbortController()
    const outcomes: Promise<Outcome<T> | undefined>[] = this.#runners.map(({ outcome }) => outcome)
    if (hasMore && this.#besideMs !== undefined) outcomes.push(after(this.#besideMs, waiting.signal))
    try {
      const first = await (outcomes.length === 1 ? outcomes[0] : Promise.race(outcomes))
      if (first?.failure !== undefined) this.#runners = this.#runners.filter(({ mirror }) => mirror !== first.mirror)
      return first
    } catch (error) {
      this.#cut(this.#runners)
      throw error
    } finally {
      waiting.abort()
    }
  }

  /** The winner's result; nobody waits for the others. */
  won({ mirror, result }: Outcome<T>): T {
    const place = this.#runners.findIndex((one) => one.mirror === mirror)
    for (const { mirror: slower } of this.#runners.slice(0, place)) slower.wasOvertaken()
    this.#cut(this.#runners.filter((one) => one.mirror !== mirror))
    return result as T
  }

  #cut(runners: readonly Runner<T>[]): void {
    for (const { outcome, cut } of runners) {
      outcome.catch(() => {}) // whatever it ends with, the file is there
      cut?.abort()
    }
  }
}

async function after(ms: number, signal: AbortSignal): Promise<undefined> {
  await sleep(ms, undefined, { signal }).catch(() => {})
  return undefined
}
