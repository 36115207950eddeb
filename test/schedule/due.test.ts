import { describe, expect, test } from 'vitest'
import { believed, dueAt, offsetOf, type Timing } from '../../src/schedule/due.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const noon = Date.parse('2026-05-05T12:00Z')
const hourly: Timing = { id: 'a', schedule: '0 * * * *', timeZone: 'UTC', jitterMs: 0 }

describe('a repository is due', () => {
  test('at once, if it was never synced', () => {
    expect(dueAt(hourly, undefined, noon)).toBe(noon)
  })

  test('at the next time of its schedule after its last run', () => {
    expect(dueAt(hourly, noon + minute, noon)).toBe(noon + hour)
    expect(dueAt(hourly, noon, noon)).toBe(noon + hour)
  })

  test('as the daemon starts, once, however much was missed before', () => {
    expect(dueAt(hourly, noon - 3 * day, noon + minute)).toBe(noon + minute)
  })

  test('put off by its own part of the jitter, each time by the same one', () => {
    const spread = { ...hourly, jitterMs: 10 * minute }
    const offset = offsetOf(spread)
    const first = dueAt(spread, noon, noon)
    // noon itself lies before the slot of 12:00 that was put off.
    expect(first).toBe(noon + offset)
    expect(dueAt(spread, first, noon)).toBe(noon + hour + offset)
    expect(dueAt(spread, noon - 3 * day, noon + minute)).toBe(noon + minute + offset)
  })
})

test('jitter is the same for one id, less than its bound, and spread evenly', () => {
  const ids = Array.from({ length: 200 }, (_, n) => `repo-${n}`)
  const offsets = ids.map((id) => offsetOf({ id, jitterMs: 10 * minute }))
  expect(ids.map((id) => offsetOf({ id, jitterMs: 10 * minute }))).toEqual(offsets)
  expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...offsets)).toBeLessThan(10 * minute)
  for (const minutes of [0, 2, 4, 6, 8]) {
    const within = offsets.filter((offset) => offset >= minutes * minute && offset < (minutes + 2) * minute)
    expect(within.length).toBeGreaterThan(20)
  }
  expect(offsetOf({ id: 'a', jitterMs: 0 })).toBe(0)
})

test('a last run is believed unless it lies more than a day ahead', () => {
  expect(believed(noon + hour, noon)).toBe(noon + hour)
  expect(believed(noon + 20 * 365 * day, noon)).toBe(noon)
  expect(believed(undefined, noon)).toBeUndefined()
})
