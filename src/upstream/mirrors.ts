import { Mirror, type Place, type Remembered } from './mirror.ts'

/** Connections to one mirror of a list, unless max_downloads_per_mirror says otherwise: dnf's default. */
export const listedDownloads = 3

/** So many mirrors are tried, where there is nothing to say of them yet. */
const tried = 10

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
  #allowed = Number.POSITIVE_INFINITY

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
    return this.#all.map(({ url, isListed, hasEdition }) => ({ url: url.href, isListed, hasEdition }))
  }

  /** Takes these places from now on. What is known of those that stay is kept. */
  follow(places: readonly Place[]): void {
    const before = new Map(this.#all.map((mirror) => [mirror.url.href, mirror]))
    this.#all = places.map((place) => before.get(place.url) ?? new Mirror(place, this.#knownOf(place)))
  }

  /** Puts those of a list in this order from now on, the smallest first; those of the operator's stay where they are. */
  order(by: (url: URL) => number): void {
    const listed = this.#all.filter(({ isListed }) => isListed)
    const times = new Map(listed.map((mirror) => [mirror, by(mirror.url)]))
    // Infinite ones keep their order: their difference is no number.
    listed.sort((a, b) => compare(times.get(a) as number, times.get(b) as number))
    this.#all = [...this.#all.filter(({ isListed }) => !isListed), ...listed]
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

  /** Has no mirror serve more transfers at once than this, whatever was configured. */
  allow(perMirror: number): void {
    this.#allowed = perMirror
  }

  /** How many transfers at once make sense, where each may have so many. */
  capacity(most: number): number {
    const answering = this.#all.filter(({ standing }) => standing !== 'out')
    const rooms = (answering.length === 0 ? this.#all : answering).map((mirror) => this.#most(mirror) ?? most)
    const sum = rooms.reduce((total, room) => total + room, 0)
    return Math.max(1, Math.min(most, sum))
  }

  /**
   * The mirror to ask next for a file, besides those that were asked.
   * @param isSteady prefers those that have the edition, for files whose bytes nothing vouches for
   */
  next(asked: ReadonlyMap<Mirror, unknown>, isSteady = false): Mirror | undefined {
    if (this.#all.length === 1) return asked.size === 0 ? this.#all[0] : undefined
    const fastest = this.#all.reduce((most, { rate = 0 }) => Math.max(most, rate), 2)
    let best: { mirror: Mirror; rank: number } | undefined
    for (const [i, mirror] of this.#all.entries()) {
      if (asked.has(mirror)) continue
      const rank = this.#rank(mirror, i, fastest, isSteady)
      if (best === undefined || rank < best.rank) best = { mirror, rank }
    }
    return best?.mirror
  }

  /**
   * What was learned of mirrors, by URL, and by origin where it is no matter of one repository: a host that does not answer
   * does not for another one either.
   * @param isBrief leaves out those of which there is nothing but a rate to say
   */
  learned(isBrief = false): Map<string, Remembered> {
    const found = new Map<string, Remembered>()
    if (this.#all.length < 2) return found
    for (const { url, learned, isNotable, standing } of this.#all) {
      if (learned === undefined || (isBrief && !isNotable)) continue
      const isOfHost = standing === 'out' || learned.badUntil === undefined
      if (isOfHost && isNotable) found.set(url.origin, { ...learned, rate: undefined })
      if (standing !== 'out') found.set(url.href, learned)
    }
    return found
  }

  /** Lower is better: standing, then room, then who named it, then order or expected rate. */
  #rank(mirror: Mirror, index: number, fastest: number, isSteady: boolean): number {
    const room = this.#most(mirror)
    const isFull = room !== undefined && mirror.underWay >= room
    const coarse = standings[mirror.standing] * 8 + (isFull ? 4 : 0) + (mirror.isListed ? 2 : 0)
    if (!mirror.isListed) return coarse + index / 1000
    const late = isSteady && !mirror.hasEdition ? 1 : 0
    // The first ones are each tried once; those after them when all of these are less than half as fast as the fastest was.
    const unmeasured = index < tried ? fastest * 1.1 : fastest / 2
    const slowness = (60 - Math.log2(1 + (mirror.rate ?? unmeasured))) / 64
    return coarse + late + slowness + index / 100_000
  }

  #most({ isListed }: Mirror): number | undefined {
    const most = this.#choosing.perMirror ?? (isListed ? listedDownloads : undefined)
    if (this.#allowed === Number.POSITIVE_INFINITY) return most
    return Math.min(most ?? this.#allowed, this.#allowed)
  }

  #knownOf({ url }: Place): Remembered | undefined {
    const { known } = this.#choosing
    const [ofPlace, ofHost] = [known?.(url), known?.(new URL(url).origin)]
    return (ofHost?.badUntil ?? 0) > Date.now() ? { ...(ofHost as Remembered), rate: ofPlace?.rate } : ofPlace
  }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}

const standings = { good: 0, last: 1, out: 2 }
