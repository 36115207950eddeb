import * as z from 'zod/mini' // bundled it starts in 7 ms, the whole of zod in 20 ms
import { listItems, type Unit } from './units.ts'

/** What an issue of this schema carries for its message. */
export type IssueParams = { unit: Unit<unknown> }

/** A value that one text says. */
export function one<T>(unit: Unit<T>) {
  return z.pipe(
    z.unknown(),
    z.transform((input, { issues }): T => {
      const value = typeof input === 'string' ? unit.read(input) : undefined
      if (value === undefined) issues.push({ code: 'custom', input, params: { unit } satisfies IssueParams })
      return value as T
    }),
  )
}

/** A key with one value, or none. */
export function scalar<T>(unit: Unit<T>) {
  return z.optional(one(unit))
}

/** One string is a list too: split as dnf does it, or kept whole where a comma may belong to the value. */
export function list(unit: Unit<string>, split: (text: string) => string[] = listItems) {
  return z.optional(
    z.pipe(
      z.transform((given: unknown) => (typeof given === 'string' ? split(given) : given)),
      z.array(one(unit)),
    ),
  )
}
