import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRange } from '../../src/serve/range.ts'

const slice = (first: number, last: number): { start: number; length: number } => ({
  start: first,
  length: last - first + 1,
})

// The rows of nginx's range tests, for a file of 1,000 bytes.
test.each([
  ['bytes=0-8', [slice(0, 8)]],
  ['bytes=-10', [slice(990, 999)]],
  ['bytes=990-', [slice(990, 999)]],
  ['bytes=990-1990', [slice(990, 999)]],
  ['bytes=0-10001', [slice(0, 999)]],
  ['bytes=20-29, -10, 40-49', [slice(20, 29), slice(990, 999), slice(40, 49)]],
  ['bytes=0-9, -10, 100000-, 20-29', [slice(0, 9), slice(990, 999), slice(20, 29)]],
  ['bytes=100000-', 'unsatisfiable'],
  ['bytes=alpha', 'unsatisfiable'],
  ['bytes=10-alpha', 'unsatisfiable'],
  ['bytes=10', 'unsatisfiable'],
  ['bytes=10-11 12-', 'unsatisfiable'],
  ['bytes=0-10001, 0-0', 'whole'],
])('%s of 1,000 bytes', (header, expected) => {
  expect(parseRange(header, 1000)).toEqual(expected)
})

test.each([
  ['bytes=-1000', [slice(0, 999)]],
  ['bytes=-5000', [slice(0, 999)]],
  ['bytes=0-', [slice(0, 999)]],
  ['bytes=999-999', [slice(999, 999)]],
  ['Bytes = 0-0', [slice(0, 0)]],
  ['bytes= ,0-0,, ', [slice(0, 0)]],
  ['bytes=0-99999999999999999999999999', [slice(0, 999)]],
  ['bytes=1000-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-4', 'unsatisfiable'],
  ['bytes=', 'unsatisfiable'],
  ['bytes=-', 'unsatisfiable'],
  ['bytes=--5', 'unsatisfiable'],
  ['bytes=0x0-1', 'unsatisfiable'],
  ['bytes=99999999999999999999999999-', 'unsatisfiable'],
  ['lines=0-5', 'whole'],
  ['bytes', 'whole'],
])('%s', (header, expected) => {
  expect(parseRange(header, 1000)).toEqual(expected)
})

test('nothing lies within an empty file', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable')
})

test('overlapping and touching ranges become one, at the place of the first', () => {
  expect(parseRange('bytes=50-59,0-9,55-70,10-19', 1000)).toEqual([slice(50, 70), slice(0, 19)])
})

test('the same range many times is that range', () => {
  expect(parseRange(`bytes=${Array(1000).fill('0-9').join(',')}`, 1000)).toEqual([slice(0, 9)])
  expect(parseRange(`bytes=${Array(1000).fill('0-').join(',')}`, 1000)).toBe('whole')
})

test('16 parts are sent, 17 are not', () => {
  const separate = (count: number): string =>
    `bytes=${Array.from({ length: count }, (_, i) => `${i * 9}-${i * 9}`).join(',')}`
  expect(parseRange(separate(16), 1000)).toHaveLength(16)
  expect(parseRange(separate(17), 1000)).toBe('whole')
})

test('slices lie within the file, apart from each other, and hold exactly what was asked for', () => {
  const spec = fc.tuple(fc.nat(120), fc.nat(120)).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)])
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 12 }), fc.nat(100), (specs, size) => {
      const parsed = parseRange(`bytes=${specs.map(([first, last]) => `${first}-${last}`).join(',')}`, size)
      const slices = parsed === 'whole' ? [{ start: 0, length: size }] : parsed === 'unsatisfiable' ? [] : parsed
      const sent = slices.flatMap(({ start, length }) => Array.from({ length }, (_, i) => start + i))
      const asked = new Set(
        specs.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
      )
      const within = [...asked].filter((byte) => byte < size).sort((a, b) => a - b)
      expect(sent.sort((a, b) => a - b)).toEqual(within)
    }),
  )
})
