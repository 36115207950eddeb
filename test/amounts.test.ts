import { expect, test } from 'vitest'
import { agoText, bytesText, countText, durationText, spanText } from '../src/amounts.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1234, '1.2 kB'],
  [99_400, '99.4 kB'],
  [99_600, '100 kB'],
  [999_400, '999 kB'],
  [999_600, '1.0 MB'],
  [1_234_567_890, '1.2 GB'],
  [5e12, '5.0 TB'],
  [5e15, '5.0 PB'],
  [5e18, '5000 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

test.each([
  [0, '0.0 s'],
  [0.44, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.4, '59 s'],
  [59.6, '1:00'],
  [187, '3:07'],
  [3599.6, '1:00:00'],
  [7387, '2:03:07'],
  [90_000, '25:00:00'],
])('%d seconds are %s', (seconds, text) => {
  expect(durationText(seconds)).toBe(text)
})

test('counts have their thousands apart, whatever the language of the host', () => {
  expect([0, 999, 17_649, 1_000_000].map(countText)).toEqual(['0', '999', '17,649', '1,000,000'])
})

test.each([
  [0, '0 s ago'],
  [89, '89 s ago'],
  [90, '2 min ago'],
  [5399, '90 min ago'],
  [5400, '2 h ago'],
  [36 * 3600 - 1, '36 h ago'],
  [36 * 3600, '2 d ago'],
  [100 * 86_400, '100 d ago'],
  [-5, '0 s ago'],
])('%d seconds before now are %s', (seconds, text) => {
  const now = 1_700_000_000_000
  expect(agoText(now - seconds * 1000, now)).toBe(text)
})

test('a span is one unit too, and less than none is none', () => {
  expect([26 * 3_600_000, 90_000, -1].map(spanText)).toEqual(['26 h', '2 min', '0 s'])
})
