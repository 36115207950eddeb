import { describe, expect, test } from 'vitest'
import { outcomeJson, outcomeTable, statusOf } from '../../src/cli/outcomes.ts'
import type { Repo } from '../../src/config/repo.ts'
import { type Code, MirrorError } from '../../src/errors.ts'
import { type Facts, factsOf, failureText } from '../../src/jobs/facts.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'

const summary = {
  result: 'published',
  generation: 7,
  packages: 17_649,
  added: 12,
  removed: 3,
  bytes: 4_200_000,
  missing: [] as string[],
  unhashed: [] as string[],
} as const
const published = outcome({ summary, served: 7 })
const unchanged = outcome({ summary: { ...summary, result: 'unchanged', added: 0, removed: 0, bytes: 0 }, served: 7 })

describe('the exit status is that of the worst', () => {
  test.each<[number, ...Facts[]]>([
    [0],
    [0, published, unchanged],
    [1, published, failed('E_HTTP')],
    [3, failed('E_HTTP'), failed('E_BUSY')],
    [2, failed('E_HTTP'), failed('E_BUSY'), failed('E_ROOT')],
    [1, outcome({ error: new TypeError('a bug') }), published],
  ])('%d', (status, ...outcomes) => {
    expect(statusOf(outcomes)).toBe(status)
  })
})

describe('a failure in a line', () => {
  test('says what is still served', () => {
    expect(failureText(failed('E_HTTP', 41))).toBe('E_HTTP base: because; generation 41 is still served')
    expect(failureText(failed('E_HTTP'))).toBe('E_HTTP base: because; nothing is served yet')
  })

  test('keeps the stack of a bug', () => {
    const text = failureText(outcome({ error: new TypeError('x is not a function') }))
    expect(text).toMatch(/^E_BUG base: TypeError: x is not a function\n {4}at [\s\S]*; nothing is served yet$/)
  })
})

test('outcomes for people are a table', () => {
  expect(outcomeTable([published, unchanged, failed('E_HTTP', 41), outcome({ error: 'a bug' })])).toBe(
    [
      'repository  packages  added  removed  fetched  seconds  result',
      'base          17,649     12        3   4.2 MB      1.3  generation 7',
      'base          17,649      0        0      0 B      1.3  unchanged',
      'base               -      -        -        -      1.3  E_HTTP',
      'base               -      -        -        -      1.3  E_BUG',
      '',
    ].join('\n'),
  )
})

test('outcomes for machines are one object', () => {
  expect(JSON.parse(outcomeJson([published, failed('E_HTTP'), outcome({ error: new TypeError('x') })]))).toEqual({
    repos: [
      {
        repo: 'base',
        path: 'el9/base',
        result: 'published',
        generation: 7,
        packages: 17_649,
        added: 12,
        removed: 3,
        bytes: 4_200_000,
        seconds: 1.25,
      },
      {
        repo: 'base',
        path: 'el9/base',
        result: 'failed',
        generation: null,
        seconds: 1.25,
        error: { code: 'E_HTTP', message: 'because' },
      },
      {
        repo: 'base',
        path: 'el9/base',
        result: 'failed',
        generation: null,
        seconds: 1.25,
        error: { code: 'E_BUG', message: 'x', stack: expect.stringMatching(/^TypeError: x\n {4}at /) },
      },
    ],
  })
})

function failed(code: Code, served?: number): Facts {
  return outcome({ error: new MirrorError(code, 'because', { repo: 'base' }), served })
}

function outcome(given: Partial<Outcome>): Facts {
  const repo = { id: 'base', path: 'el9/base' } as Repo
  return factsOf({ repo, seconds: 1.25, summary: undefined, leftOut: 0, error: undefined, served: undefined, ...given })
}
