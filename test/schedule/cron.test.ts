import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextAfter, parseCron } from '../../src/schedule/cron.ts'
import { slowNext } from './slowCron.ts'

/** The next runs after a time, as local times with their offsets. */
function runs(expression: string, timeZone: string, after: string, count: number): string[] {
  const found: string[] = []
  let at = Temporal.Instant.from(after).epochMilliseconds
  for (let i = 0; i < count; i++) {
    at = nextAfter(parseCron(expression), at, timeZone) as number
    const zoned = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(timeZone)
    found.push(zoned.toString({ smallestUnit: 'minute', timeZoneName: 'never' }))
  }
  return found
}

describe('the fields of an expression', () => {
  test.each([
    ['0 * * * *', ['2026-01-01T01:00', '2026-01-01T02:00']],
    ['@hourly', ['2026-01-01T01:00', '2026-01-01T02:00']],
    ['*/20 4 * * *', ['2026-01-01T04:00', '2026-01-01T04:20', '2026-01-01T04:40', '2026-01-02T04:00']],
    ['5,3 22-23 * * *', ['2026-01-01T22:03', '2026-01-01T22:05', '2026-01-01T23:03']],
    ['0 0 1 */6 *', ['2026-07-01T00:00', '2027-01-01T00:00']],
    ['0 0 * FEB SUN', ['2026-02-01T00:00', '2026-02-08T00:00']],
    ['0 0 * * 7', ['2026-01-04T00:00', '2026-01-11T00:00']],
    ['0 0 29 2 *', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['@daily', ['2026-01-02T00:00']],
    ['@weekly', ['2026-01-04T00:00']],
    ['@monthly', ['2026-02-01T00:00']],
    ['59 23 31 12 *', ['2026-12-31T23:59', '2027-12-31T23:59']],
  ])('%s', (expression, expected) => {
    const found = runs(expression, 'UTC', '2026-01-01T00:00:30Z', expected.length)
    expect(found).toEqual(expected.map((time) => `${time}+00:00`))
  })

  test('either day is enough where both are restricted, both are needed where one is not', () => {
    expect(runs('0 0 13 * 5', 'UTC', '2026-02-01T00:00Z', 4).map((time) => time.slice(5, 10))).toEqual([
      '02-06',
      '02-13',
      '02-20',
      '02-27',
    ])
    expect(runs('0 0 13 * *', 'UTC', '2026-02-01T00:00Z', 2).map((time) => time.slice(5, 10))).toEqual([
      '02-13',
      '03-13',
    ])
  })

  test('the very minute has gone, one millisecond before it has not', () => {
    const [hourly, at] = [parseCron('0 * * * *'), Date.parse('2026-01-01T05:00Z')]
    expect(nextAfter(hourly, at, 'UTC')).toBe(at + 3_600_000)
    expect(nextAfter(hourly, at - 1, 'UTC')).toBe(at)
  })
})

describe('daylight saving: a time that is left out comes as much later, one that comes twice counts once', () => {
  test.each([
    [
      'Berlin, forward',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00Z',
      ['2026-03-29T03:30+02:00', '2026-03-30T02:30+02:00'],
    ],
    [
      'Berlin, back',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00Z',
      ['2026-10-25T02:30+02:00', '2026-10-26T02:30+01:00'],
    ],
    [
      'Berlin, back, every half hour',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:15Z',
      ['2026-10-25T02:30+02:00', '2026-10-25T02:00+01:00', '2026-10-25T02:30+01:00', '2026-10-25T03:00+01:00'],
    ],
    [
      'Berlin, forward, every half hour',
      '*/30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:15Z',
      ['2026-03-29T01:30+01:00', '2026-03-29T03:00+02:00', '2026-03-29T03:30+02:00', '2026-03-29T04:00+02:00'],
    ],
    [
      'São Paulo, forward at midnight',
      '0 0 * * *',
      'America/Sao_Paulo',
      '2018-11-03T12:00Z',
      ['2018-11-04T01:00-02:00', '2018-11-05T00:00-02:00'],
    ],
    [
      'São Paulo, back at midnight',
      '30 23 * * *',
      'America/Sao_Paulo',
      '2018-02-17T12:00Z',
      ['2018-02-17T23:30-02:00', '2018-02-18T23:30-03:00'],
    ],
    [
      'Lord Howe, forward by half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00Z',
      ['2026-10-04T02:45+11:00', '2026-10-05T02:15+11:00'],
    ],
    [
      'Lord Howe, back by half an hour',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2026-04-04T12:00Z',
      ['2026-04-05T01:45+11:00', '2026-04-06T01:45+10:30'],
    ],
    [
      'Troll, back by two hours',
      '0 * * * *',
      'Antarctica/Troll',
      '2026-10-25T00:30Z',
      ['2026-10-25T01:00+00:00', '2026-10-25T02:00+00:00', '2026-10-25T03:00+00:00'],
    ],
  ])('%s', (_, expression, timeZone, after, expected) => {
    expect(runs(expression, timeZone, after, expected.length)).toEqual(expected)
  })
})

/** Changes of clocks, and a day without one. */
const times = [
  '2026-03-29T01:00Z',
  '2026-10-25T01:00Z',
  '2018-11-04T03:00Z',
  '2018-02-18T02:00Z',
  '2026-04-04T15:00Z',
  '2026-10-03T15:30Z',
  '2026-02-28T12:00Z',
]
const zones = ['Europe/Berlin', 'America/Sao_Paulo', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Asia/Kathmandu', 'UTC']

test('agrees with a clock that is looked at minute by minute', () => {
  const days = 3
  const property = fc.property(
    expressions(),
    fc.constantFrom(...zones),
    fc.constantFrom(...times),
    fc.integer({ min: -30 * 60, max: 6 * 60 }),
    (expression, timeZone, time, minutes) => {
      const after = Date.parse(time) + minutes * 60_000 + 1234
      const limit = after + days * 86_400_000
      const found = nextAfter(parseCron(expression), after, timeZone)
      const [near, expected] = [
        found !== undefined && found < limit ? found : undefined,
        slowNext(expression, after, timeZone, days),
      ]
      expect(near, `${expression} in ${timeZone} after ${new Date(after).toISOString()}`).toBe(expected)
    },
  )
  fc.assert(property, { numRuns: 400 })
})

/** Expressions of every form, most of which come around within a few days. */
function expressions(): fc.Arbitrary<string> {
  const field = (least: number, most: number) => {
    const value = fc.integer({ min: least, max: most })
    const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`)
    const step = fc
      .tuple(fc.oneof(fc.constant('*'), range), fc.integer({ min: 2, max: 12 }))
      .map((parts) => parts.join('/'))
    const one = fc.oneof(value.map(String), range, step)
    return fc.oneof(
      { weight: 2, arbitrary: fc.constant('*') },
      { weight: 3, arbitrary: one },
      fc.array(one, { minLength: 2, maxLength: 3 }).map((parts) => parts.join(',')),
    )
  }
  const rarely = (least: number, most: number) =>
    fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, { weight: 1, arbitrary: field(least, most) })
  return fc
    .tuple(field(0, 59), field(0, 23), rarely(1, 28), rarely(1, 12), rarely(0, 7))
    .map((fields) => fields.join(' '))
}
