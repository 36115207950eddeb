import { describe, expect, test } from 'vitest'
import { readChangelogs } from '../../src/createrepo/describe/changelogs.ts'
import { compareLibc } from '../../src/createrepo/describe/libc.ts'
import { Nevras } from '../../src/createrepo/duplicates.ts'
import { hrefOf } from '../../src/createrepo/location.ts'
import { inOrder } from '../../src/createrepo/order.ts'
import { Header } from '../../src/rpm/header.ts'
import { encodeHeader } from '../helpers/rpmfile/header.ts'
import { numbers, texts } from '../helpers/rpmfile.ts'

test.each([
  ['libc.so.6', 'libc.so.6()(64bit)', 0],
  ['libc.so.6()(64bit)', 'libc.so.6(GLIBC_2.4)(64bit)', -1],
  ['libc.so.6(GLIBC_2.10)(64bit)', 'libc.so.6(GLIBC_2.4)(64bit)', 1],
  ['libc.so.6(GLIBC_PRIVATE)(64bit)', 'libc.so.6(GLIBC_2.4)(64bit)', -1],
  ['libc.so.6(GLIBC_2.3.4)', 'libc.so.6(GLIBC_2.3.4)', 0],
])('of %s and %s the higher asks for more', (a, b, order) => {
  expect([compareLibc(a, b), compareLibc(b, a)]).toEqual([order, 0 - order])
})

test.each([
  ['a/b/c.rpm', { cutDirs: 0, prefix: undefined }, 'a/b/c.rpm'],
  ['a/b/c.rpm', { cutDirs: 1, prefix: undefined }, 'b/c.rpm'],
  ['a/b/c.rpm', { cutDirs: 9, prefix: undefined }, 'c.rpm'],
  ['c.rpm', { cutDirs: 1, prefix: 'x/y//' }, 'x/y/c.rpm'],
])('%s with %j is at %s', (path, locating, href) => {
  expect(hrefOf(path, { ...locating, base: undefined })).toBe(href)
})

test('records are in the order of the bytes of file names, then of folders', () => {
  const paths = ['b/a.rpm', 'a.rpm', 'a/a.rpm', 'Z.rpm', 'a/\u{1f408}.rpm', 'a/\uffee.rpm']
  const ordered = inOrder(paths.map((path) => ({ file: path, path })))
  expect(ordered.map(({ path }) => path)).toEqual([
    'Z.rpm',
    'a.rpm',
    'a/a.rpm',
    'b/a.rpm',
    'a/\uffee.rpm',
    'a/\u{1f408}.rpm',
  ])
})

describe('changelogs', () => {
  const header = (entries: [number, string][]) =>
    new Header(
      encodeHeader('main', [
        numbers(
          1080,
          'int32',
          entries.map(([time]) => time),
        ),
        texts(
          1081,
          'stringArray',
          entries.map(([, author]) => author),
        ),
        texts(
          1082,
          'stringArray',
          entries.map(() => 'text'),
        ),
      ]),
      'main',
    )

  test('are the newest, oldest first, authors without blanks at the end', () => {
    const read = readChangelogs(
      header([
        [30, 'c  '],
        [20, ' '],
        [10, 'a'],
      ]),
      2,
    )
    expect(read).toEqual([
      { author: ' ', date: 20, text: 'text' },
      { author: 'c', date: 30, text: 'text' },
    ])
  })

  test('of one date are a second apart, the newer the later, and push what they run into', () => {
    const dates = (...times: number[]) =>
      readChangelogs(header(times.map((time) => [time, 'a'])), -1).map(({ date }) => date)
    expect(dates(10, 10, 10)).toEqual([10, 11, 12])
    expect(dates(11, 10, 10)).toEqual([10, 11, 12])
    expect(dates(10)).toEqual([10])
  })

  test('are none for a limit of 0', () => {
    expect(readChangelogs(header([[1, 'a']]), 0)).toEqual([])
  })
})

test('of packages listed more than once all but the last built are older, of one time all but the last by location', () => {
  const nevras = new Nevras()
  nevras.add('a', 'x/a.rpm', 5)
  nevras.add('b', 'b.rpm', 5)
  nevras.add('a', 'y/a.rpm', 5)
  nevras.add('a', 'z/a.rpm', 4)
  expect([...nevras.warnings()]).toEqual(['a is there 3 times: z/a.rpm, x/a.rpm, y/a.rpm'])
  expect([nevras.rows, nevras.olderRows()]).toEqual([4, new Set([0, 3])])
})
