import type { Writes } from './operation.ts'

/** What is written below by now: by whole paths, or all of it. */
export class Taken {
  readonly #paths = new Set<string>()
  #isAll = false
  #isAny = false

  constructor(taken: readonly Writes[]) {
    for (const writes of taken) this.add(writes)
  }

  has(writes: Writes): boolean {
    return this.#isAll || (writes === 'all' ? this.#isAny : writes.some((path) => this.#paths.has(path)))
  }

  /** Takes more; false where some of it was taken. */
  add(writes: Writes): boolean {
    const isFree = !this.has(writes)
    if (writes === 'all') this.#isAll = true
    else for (const path of writes) this.#paths.add(path)
    this.#isAny = true
    return isFree
  }
}
