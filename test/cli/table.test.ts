import { expect, test } from 'vitest'
import { formatTable } from '../../src/cli/table.ts'

const columns = [{ heading: 'repository' }, { heading: 'n', number: true }, { heading: 'result' }]

test('columns are as wide as they need, numbers to the right, nothing behind the last', () => {
  const rows = [
    ['a', '1', 'published'],
    ['a-long-repository', '1,000', ''],
  ]
  expect(formatTable(columns, rows)).toBe(
    ['repository             n  result', 'a                      1  published', 'a-long-repository  1,000', ''].join(
      '\n',
    ),
  )
})

test('a table without rows is its headings, and a missing cell is empty', () => {
  expect(formatTable(columns, [])).toBe('repository  n  result\n')
  expect(formatTable(columns, [['a']])).toBe('repository  n  result\na\n')
})
