import { expect, test } from 'vitest'
import { precondition, rangeApplies } from '../../src/serve/conditional.ts'

const modified = Date.UTC(2024, 4, 6, 7, 8, 9) / 1000
const file = { etag: '"abc"', modified }
const then = 'Mon, 06 May 2024 07:08:09 GMT'
const before = 'Mon, 06 May 2024 07:08:08 GMT'
const after = 'Mon, 06 May 2024 07:08:10 GMT'

test.each([
  [{}, 200],
  [{ 'if-none-match': '"abc"' }, 304],
  [{ 'if-none-match': 'W/"abc"' }, 304],
  [{ 'if-none-match': '"x", W/"y",  "abc"' }, 304],
  [{ 'if-none-match': '"a,\\"b", "abc"' }, 304],
  [{ 'if-none-match': '*' }, 304],
  [{ 'if-none-match': '"other"' }, 200],
  [{ 'if-none-match': 'abc' }, 200],
  [{ 'if-none-match': '' }, 200],
  [{ 'if-none-match': '"ABC"' }, 200],
  [{ 'if-match': '"abc"' }, 200],
  [{ 'if-match': '"x", "abc"' }, 200],
  [{ 'if-match': '*' }, 200],
  [{ 'if-match': 'W/"abc"' }, 412],
  [{ 'if-match': '"other"' }, 412],
  [{ 'if-match': '' }, 412],
  [{ 'if-match': '"other"', 'if-none-match': '"abc"' }, 412],
  [{ 'if-match': '"abc"', 'if-none-match': '"abc"' }, 304],
  [{ 'if-modified-since': then }, 304],
  [{ 'if-modified-since': after }, 304],
  [{ 'if-modified-since': before }, 200],
  [{ 'if-modified-since': 'Monday, 06-May-24 07:08:09 GMT' }, 200],
  [{ 'if-modified-since': '2024' }, 200],
  [{ 'if-modified-since': 'Mon, 99 May 2024 07:08:09 GMT' }, 200],
  [{ 'if-unmodified-since': then }, 200],
  [{ 'if-unmodified-since': before }, 412],
  [{ 'if-unmodified-since': 'nonsense' }, 200],
  [{ 'if-match': '"abc"', 'if-unmodified-since': before }, 200],
])('%j is answered %i', (headers, status) => {
  expect(precondition(headers, file)).toBe(status)
})

test('a tag that differs wins over a date that does not', () => {
  expect(precondition({ 'if-none-match': '"other"', 'if-modified-since': after }, file)).toBe(200)
})

test('a file too young for a date is never unmodified', () => {
  const young = { etag: '"abc"', modified: undefined }
  expect(precondition({ 'if-modified-since': after }, young)).toBe(200)
  expect(precondition({ 'if-unmodified-since': after }, young)).toBe(412)
  expect(rangeApplies({ 'if-range': after }, young)).toBe(false)
})

test.each([
  [undefined, true],
  ['"abc"', true],
  [then, true],
  ['W/"abc"', false],
  ['"old"', false],
  ['"abc", "abc"', false],
  [before, false],
  [after, false],
  ['nonsense', false],
])('a range under If-Range %s is obeyed: %s', (value, obeyed) => {
  expect(rangeApplies(value === undefined ? {} : { 'if-range': value }, file)).toBe(obeyed)
})
