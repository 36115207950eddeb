/**
 * The judge of src/schedule/cron.ts: walks through time minute by minute and looks at the clock on the wall, by Intl
 * instead of Temporal, and with a reading of cron's fields of its own.
 */

const minute = 60_000

/** The first minute after `after` at which a cron would run, within so many days; undefined for none. */
export function slowNext(expression: string, after: number, timeZone: string, days: number): number | undefined {
  const fields = fieldsOf(expression)
  const first = Math.floor(after / minute) * minute + minute
  for (let at = first; at < after + days * 24 * 60 * minute; at += minute) if (runsAt(fields, at, timeZone)) return at
  return undefined
}

type Fields = {
  minutes: Set<number>
  hours: Set<number>
  days: Set<number>
  months: Set<number>
  weekdays: Set<number>
}

function fieldsOf(expression: string): Fields {
  const [minutes, hours, days, months, weekdays] = expression.split(' ') as [string, string, string, string, string]
  return {
    minutes: valuesOf(minutes, 0, 59),
    hours: valuesOf(hours, 0, 23),
    days: valuesOf(days, 1, 31),
    months: valuesOf(months, 1, 12),
    weekdays: new Set([...valuesOf(weekdays, 0, 7)].map((day) => day % 7)),
  }
}

/** `*`, `2`, `2-5`, `*` with a step, `2-8/3` and lists of them. */
function valuesOf(field: string, least: number, most: number): Set<number> {
  const parts = field.split(',').map((part) => {
    const [range = '', step = '1'] = part.split('/')
    const [from = '', to = from] = range === '*' ? [String(least), String(most)] : range.split('-')
    const count = Number(to) - Number(from) + 1
    return [...Array(count).keys()].map((n) => Number(from) + n).filter((n) => (n - Number(from)) % Number(step) === 0)
  })
  return new Set(parts.flat())
}

/** Whether a minute is named by its own time, or by one that was left out as the clocks were put forward. */
function runsAt(fields: Fields, at: number, timeZone: string): boolean {
  const offset = offsetAt(at, timeZone)
  const isRepeated = fields.hours.size < 24 && hasBeen(at, offset, timeZone)
  if (!isRepeated && matches(fields, at + offset)) return true
  const before = offsetBefore(at, offset, timeZone)
  return before !== undefined && matches(fields, at + before)
}

/** Whether the clock showed this time before: it was put back since. */
function hasBeen(at: number, offset: number, timeZone: string): boolean {
  return [30, 60, 120].some((by) => offsetAt(at - by * minute, timeZone) === offset + by * minute)
}

/** What the clock's offset was, where it was put forward so lately that this time would only just have come. */
function offsetBefore(at: number, offset: number, timeZone: string): number | undefined {
  const by = [30, 60, 120].find((one) => offsetAt(at - one * minute, timeZone) === offset - one * minute)
  return by === undefined ? undefined : offset - by * minute
}

function matches({ minutes, hours, days, months, weekdays }: Fields, local: number): boolean {
  const date = new Date(local)
  if (!minutes.has(date.getUTCMinutes()) || !hours.has(date.getUTCHours())) return false
  if (!months.has(date.getUTCMonth() + 1)) return false
  const [day, weekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())]
  return days.size < 31 && weekdays.size < 7 ? day || weekday : day && weekday
}

const quarter = 15 * minute
const offsets = new Map<string, number>()
const formats = new Map<string, Intl.DateTimeFormat>()

/** Milliseconds that local time is ahead of UTC; no zone's clocks were ever changed within a quarter of an hour. */
function offsetAt(at: number, timeZone: string): number {
  const start = Math.floor(at / quarter) * quarter
  const key = `${timeZone} ${start}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  const offset = readOffset(start, timeZone)
  offsets.set(key, offset)
  return offset
}

function readOffset(at: number, timeZone: string): number {
  const options = { timeZone, timeZoneName: 'longOffset' } as const
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', options)
  formats.set(timeZone, format)
  const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute
}
