/** One of several records of one NEVRA. */
type Place = { row: number; href: string; buildTime: number }

/** Finds packages that are listed more than once, by name, epoch, version, release and arch. */
export class Nevras {
  readonly #first = new Map<string, Place>()
  readonly #again = new Map<string, Place[]>()
  #rows = 0

  /** Adds the next row of the documents. */
  add(nevra: string, href: string, buildTime: number): void {
    const place = { row: this.#rows++, href, buildTime }
    const first = this.#first.get(nevra)
    if (first === undefined) this.#first.set(nevra, place)
    else this.#again.set(nevra, [...(this.#again.get(nevra) ?? [first]), place])
  }

  get rows(): number {
    return this.#rows
  }

  /** A line for each package that is listed more than once. */
  *warnings(): Generator<string> {
    for (const [nevra, places] of this.#again) {
      const hrefs = byAge(places).map(({ href }) => href)
      yield `${nevra} is there ${places.length} times: ${hrefs.join(', ')}`
    }
  }

  /** The rows of all but the one that was built last, and of several the last by location (createrepo_c, src/createrepo_c.c 536-575). */
  olderRows(): Set<number> {
    return new Set(
      [...this.#again.values()].flatMap((places) =>
        byAge(places)
          .slice(0, -1)
          .map(({ row }) => row),
      ),
    )
  }
}

function byAge(places: readonly Place[]): Place[] {
  return [...places].sort((a, b) => a.buildTime - b.buildTime || (a.href < b.href ? -1 : Number(a.href > b.href)))
}
