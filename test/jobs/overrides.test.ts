import { describe, expect, test } from 'vitest'
import type { Repo, Selection } from '../../src/config/repo.ts'
import { type Overriding, override } from '../../src/jobs/overrides.ts'

const selection: Selection = {
  arch: ['x86_64', 'i686', 'noarch'],
  includepkgs: ['bash'],
  excludepkgs: [],
  withDeps: 'no',
  newestOnly: false,
  keep: undefined,
  source: 'no',
  debug: 'also',
  minBuildTime: undefined,
  minAgeMs: 0,
  age: 'first_seen',
}
const repo = { id: 'base', selection, removed: { policy: 'keep', forMs: 5 } } as unknown as Repo

describe('options in place of the configuration’s', () => {
  test.each<[string, Overriding, object]>([
    ['--newest-only', { newestOnly: true }, { selection: { ...selection, newestOnly: true, keep: 1 } }],
    ['--arch aarch64', { arch: ['aarch64'] }, { selection: { ...selection, arch: ['aarch64', 'noarch'] } }],
    ['--arch noarch', { arch: ['noarch'] }, { selection: { ...selection, arch: ['noarch'] } }],
    ['--source', { source: true }, { selection: { ...selection, source: 'only' } }],
    [
      '--min-buildtime 2024-01-31',
      { minBuildtime: '2024-01-31' },
      { selection: { ...selection, minBuildTime: 1_706_659_200 } },
    ],
    ['--delete', { delete: true }, { removed: { policy: 'drop' } }],
  ])('%s', (words, given, changed) => {
    expect(override([repo], given)).toEqual({ repos: [{ ...repo, ...changed }], overrides: words })
    expect(repo.selection).toEqual(selection)
  })

  test('are told together', () => {
    const given = { newestOnly: true, arch: ['x86_64', 's390x'], source: true, delete: true }
    expect(override([repo], given).overrides).toBe('--newest-only --arch x86_64,s390x --source --delete')
  })

  test('are not told where they change nothing', () => {
    expect(override([repo], {})).toEqual({ repos: [repo], overrides: undefined })
    const newest = { ...repo, selection: { ...selection, newestOnly: true, keep: 1 } }
    expect(override([newest], { newestOnly: true }).overrides).toBeUndefined()
    expect(override([newest, repo], { newestOnly: true }).overrides).toBe('--newest-only')
  })

  test('of a day that there is not are a mistake', () => {
    const message = '--min-buildtime 2024-02-31: a day or seconds since 1970 expected; write such as 2024-01-31'
    const mistake = expect.objectContaining({ code: 'E_USAGE', message })
    expect(() => override([repo], { minBuildtime: '2024-02-31' })).toThrow(mistake)
  })

  test('of an arch that nobody knows are a mistake', () => {
    const message = '--arch x86-64: no such arch; x86_64, aarch64, i686, noarch are some'
    const mistake = expect.objectContaining({ code: 'E_USAGE', message })
    expect(() => override([repo], { arch: ['x86_64', 'x86-64'] })).toThrow(mistake)
  })
})
