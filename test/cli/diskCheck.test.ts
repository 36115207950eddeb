import { expect, test } from 'vitest'
import { diskCheck } from '../../src/cli/diskCheck.ts'

const room = { total: 100e9, free: 40e9 }
const check = (max: number | undefined, minFree: number) => diskCheck({ disk: { max, minFree }, state: '/s' }, room)

test('limits that hold are told in one line, and none where there are none', () => {
  expect(check(undefined, 0)).toEqual({ words: undefined, warnings: [] })
  const words = '/s: 40.0 GB of 100 GB is free; the pool may have 80.0 GB (max_disk), 20.0 GB stays free (min_free)'
  expect(check(80e9, 20e9)).toEqual({ words, warnings: [] })
  expect(check(undefined, 40e9)).toEqual({
    words: '/s: 40.0 GB of 100 GB is free; the pool may fill it, 40.0 GB stays free (min_free)',
    warnings: [],
  })
})

test('limits that can never hold, and one that lets nothing be fetched now, are warned of', () => {
  expect(check(100e9 + 1, 0).warnings).toEqual([
    '/s: max_disk 100 GB is more than the file system of 100 GB, and will never hold anything up',
  ])
  expect(check(undefined, 40e9 + 1).warnings).toEqual([
    '/s: min_free 40.0 GB is more than is free, 40.0 GB: nothing will be fetched now',
  ])
  expect(check(undefined, 100e9).warnings).toEqual([
    '/s: min_free 100 GB is all of the file system of 100 GB, and nothing will be fetched',
  ])
})
