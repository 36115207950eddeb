import { describe, expect, test } from 'vitest'
import { dueAt } from '../../src/schedule/due.ts'
import { within } from '../../src/schedule/window.ts'

const night = { from: 22 * 60, to: 6 * 60 }
const noon = { from: 11 * 60 + 30, to: 13 * 60 }

function at(text: string): number {
  return Temporal.ZonedDateTime.from(`${text}[Europe/Berlin]`).epochMilliseconds
}

describe('a time comes to lie in the window', () => {
  test.each([
    ['at once', night, '2026-03-01T23:00', '2026-03-01T23:00'],
    ['past midnight', night, '2026-03-02T05:59', '2026-03-02T05:59'],
    ['in the evening', night, '2026-03-02T06:00', '2026-03-02T22:00'],
    ['on the same day', noon, '2026-03-02T06:00', '2026-03-02T11:30'],
    ['on the next day', noon, '2026-03-02T13:00', '2026-03-03T11:30'],
    ['on the day on which clocks are put forward', { from: 150, to: 300 }, '2026-03-29T01:00', '2026-03-29T03:30'],
  ])('%s', (_, window, time, expected) => {
    expect(within(window, at(time), 'Europe/Berlin')).toBe(at(expected))
  })

  test('that there is not: always', () => {
    expect(within(undefined, 5, 'UTC')).toBe(5)
  })
})

test('what is due outside of its window is due when that opens', () => {
  const timing = { id: 'a', schedule: '0 12 * * *', timeZone: 'Europe/Berlin', jitterMs: 0, window: night }
  expect(dueAt(timing, at('2026-03-02T01:00'), at('2026-03-01T00:00'))).toBe(at('2026-03-02T22:00'))
  expect(dueAt(timing, undefined, at('2026-03-02T12:00'))).toBe(at('2026-03-02T22:00'))
})
