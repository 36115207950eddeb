import { Mirror, type Place, type Remembered } from './mirror.ts'

/** Connections to one mirror of a list, unless max_downloads_per_mirror says otherwise: dnf's default. */
export const listedDownloads = 3

/** How `Mirrors` are chosen among; `known` is what earlier runs found, by URL or by origin. */
export type Choosing = {
  /** Transfers from one mirror at most; undefined for the defaults. */
  perMirror?: number | undefined
  known?: (place: string) => Remembered | undefined
}

/**
 * The mirrors of a repository, and which of them to ask next. Those that the operator wrote come first and in their order;
 * those of a list by what they were measured to be, so that the fastest few serve most files.
 */
export class Mirrors {
  #all: Mirror[] = []
  readonly #choosing: Choosing

  constructor(places: readonly Place[], choosing: Choosing = {}) {
    this.#choosing = choosing
    this.follow(places)
  }

  get all(): readonly Mirror[] {
    return this.#all
  }

  /** Their URLs; each ends with a slash. */
  get urls(): URL[] {
    return this.#all.map(({ url }) => url)
  }

  /** As another process can take them up. */
  get places(): Place[] {
    return this.#all.map(({ url, isListed, hasSnapshot }) => ({ url: url.href, isListed, hasSnapshot }))
  }

  /** Takes these places from now on. What is known of those that stay is kept. */
  follow(places: readonly Place[]): void {
    const before = new Map(this.#all.map((mirror) => [mirror.url.href, mirror]))
    this.#all = places.map((place) => before.get(place.url) ?? new Mirror(place, this.#knownOf(place)))
  }

  /** One of them alone. */
  only(mirror: Mirror): Mirrors {
    const alone = new Mirrors([], this.#choosing)
    alone.#all = [mirror]
    return alone
  }

  /** The first to ask, best first. */
  best(count: number): Mirror[] {
    const taken = new Map<Mirror, true>()
    for (let mirror = this.next(taken); mirror !== undefined && taken.size < count; mirror = this.next(taken))
      taken.set(mirror, true)
    return [...taken.keys()]
  }

  /** How many transfers at once make sense, where each may have so many. */
  capacity(most: number): number {
    const rooms = this.#all.filter(({ standing }) => standing !== 'out').map((mirror) => this.#most(mirror) ?? most)
    return Math.max(1, Math.min(most, rooms.reduce((sum, room) => sum + room, 0) || most))
  }

  /**
   * The mirror to ask next for a file, besides those that were asked.
   * @param isSteady prefers those that have the snapshot, for files whose bytes nothing vouches for
   */
  next(asked: ReadonlyMap<Mirror, unknown>, isSteady = false): Mirror | undefined {
    if (this.#all.length === 1) return asked.size === 0 ? this.#all[0] : undefined
    // One that is half as fast as the fastest makes room for those that were not measured yet.
    const unmeasured = this.#all.reduce((most, { rate = 0 }) => Math.max(most, rate), 2) / 2
    let best: { mirror: Mirror; rank: number } | undefined
    for (const [i, mirror] of this.#all.entries()) {
      if (asked.has(mirror)) continue
      const rank = this.#rank(mirror, i, unmeasured, isSteady)
      if (best === undefined || rank < best.rank) best = { mirror, rank }
    }
    return best?.mirror
  }

  /** What this run learned of mirrors, by URL, or by origin where it is no matter of the repository. */
  learned(): Map<string, Remembered> {
    const found = new Map<string, Remembered>()
    if (this.#all.length < 2) return found
    for (const { url, learned, rate, standing } of this.#all) {
      if (learned !== undefined) found.set(standing === 'out' ? url.origin : url.href, { ...learned, rate })
      else if (rate !== undefined) found.set(url.href, { rate, badUntil: undefined, why: undefined })
    }
    return found
  }

  /** Lower is better: standing, then room, then who named it, then order or expected rate. */
  #rank(mirror: Mirror, index: number, unmeasured: number, isSteady: boolean): number {
    const room = this.#most(mirror)
    const isFull = room !== undefined && mirror.underWay >= room
    const coarse = standings[mirror.standing] * 8 + (isFull ? 4 : 0) + (mirror.isListed ? 2 : 0)
    if (!mirror.isListed) return coarse + index / 1000
    const late = isSteady && !mirror.hasSnapshot ? 1 : 0
    const slowness = (60 - Math.log2(1 + (mirror.rate ?? unmeasured))) / 64
    return coarse + late + slowness + index / 100_000
  }

  #most({ isListed }: Mirror): number | undefined {
    return this.#choosing.perMirror ?? (isListed ? listedDownloads : undefined)
  }

  #knownOf({ url }: Place): Remembered | undefined {
    const { known } = this.#choosing
    const [ofPlace, ofHost] = [known?.(url), known?.(new URL(url).origin)]
    return ofHost === undefined ? ofPlace : { ...ofHost, rate: ofPlace?.rate }
  }
}

const standings = { good: 0, last: 1, out: 2 }
