import { parse } from 'node-cron'

/** When something is due, in the minutes of a time zone: the values that each field of a cron expression allows. */
export type Cron = {
  minutes: number[]
  hours: number[]
  days: ReadonlySet<number>
  months: ReadonlySet<number>
  /** 0 is Sunday. */
  weekdays: ReadonlySet<number>
}

/** A five-field cron expression or one of its names (`@daily`) that the configuration has found good. */
export function parseCron(expression: string): Cron {
  const { minute, hour, dayOfMonth, month, dayOfWeek } = parse(expression)
  return {
    minutes: ascending(minute),
    hours: ascending(hour),
    days: new Set(dayOfMonth.map(Number)),
    months: new Set(month),
    weekdays: new Set(dayOfWeek.map(Number)),
  }
}

/** A list such as `0-23,5` names a value twice. */
function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b)
}

/** Leap years make the rarest day: 29 February on a given weekday comes once in 28 years, and once in 40 around 2100. */
const mostDays = 41 * 366

/**
 * The first time after `after` that the expression names, both in milliseconds since the epoch; undefined for a day that
 * never comes.
 *
 * Where clocks are put forward, times that are left out run as much later. Where they are put back, an hour comes twice:
 * a schedule of certain hours runs in the first of the two, one of every hour in both.
 */
export function nextAfter(cron: Cron, after: number, timeZone: string): number | undefined {
  const start = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(timeZone)
  let date = start.toPlainDate()
  for (let i = 0; i < mostDays; i++, date = date.add({ days: 1 })) {
    if (!isDay(cron, date)) continue
    const found = firstOfDay(cron, date, i === 0 ? start.hour : 0, after, timeZone)
    if (found !== undefined) return found
  }
  return undefined
}

/** cron's own rule: where day of month and day of week are both restricted, either is enough. */
function isDay({ days, months, weekdays }: Cron, date: Temporal.PlainDate): boolean {
  if (!months.has(date.month)) return false
  const [day, weekday] = [days.has(date.day), weekdays.has(date.dayOfWeek % 7)]
  return days.size < 31 && weekdays.size < 7 ? day || weekday : day && weekday
}

/** The most hours that clocks are put forward or back at once: Antarctica/Troll's two. */
const mostHours = 2

/** `from`: the hour of `after`; those just before it may still be to come where the clocks were changed. */
function firstOfDay(
  { minutes, hours }: Cron,
  date: Temporal.PlainDate,
  from: number,
  after: number,
  timeZone: string,
): number | undefined {
  const passes = hours.length === 24 ? (['earlier', 'later'] as const) : (['compatible'] as const)
  const timesOf = (hour: number) =>
    minutes.flatMap((minute) => {
      const local = date.toPlainDateTime({ hour, minute })
      return passes.map((disambiguation) => instantOf(local, timeZone, disambiguation))
    })
  for (const first of hours.filter((hour) => hour >= from - mostHours)) {
    // An hour that was moved may come after those that follow it.
    const near = hours.filter((hour) => hour >= first && hour <= first + mostHours)
    const found = Math.min(...near.flatMap(timesOf).filter((time) => time > after))
    if (found !== Number.POSITIVE_INFINITY) return found
  }
  return undefined
}

/** A local time as milliseconds; one that is left out is moved by what the clocks are put forward, never back. */
function instantOf(
  local: Temporal.PlainDateTime,
  timeZone: string,
  disambiguation: 'compatible' | 'earlier' | 'later',
): number {
  const zoned = local.toZonedDateTime(timeZone, { disambiguation })
  return zoned.toPlainDateTime().equals(local)
    ? zoned.epochMilliseconds
    : local.toZonedDateTime(timeZone, { disambiguation: 'compatible' }).epochMilliseconds
}
