/**
 * A limit of bytes per second that transfers share. Each chunk is paid for after it came: who took it waits until all that
 * was taken before would have come at that rate.
 */
export class Rate {
  readonly #perSecond: () => number | undefined
  /** When what was taken is paid for, by the monotonic clock, in milliseconds. */
  #free = 0

  /** @param perSecond the limit as it is now; undefined for none */
  constructor(perSecond: () => number | undefined) {
    this.#perSecond = perSecond
  }

  /** Takes bytes that have come; how long to wait for more, in milliseconds. */
  take(bytes: number, now = performance.now()): number {
    const perSecond = this.#perSecond()
    if (perSecond === undefined) return 0
    this.#free = Math.max(this.#free, now) + (bytes / perSecond) * 1000
    return this.#free - now
  }
}
