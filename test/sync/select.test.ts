import { describe, expect, test } from 'vitest'
import type { Repo, Selection } from '../../src/config/repo.ts'
import { PackageTable } from '../../src/sync/packages.ts'
import { select } from '../../src/sync/select.ts'
import type { Streams } from '../../src/sync/streams.ts'
import { sha256Of } from '../store/opened.ts'

const plain: Selection = {
  arch: ['x86_64', 'i686', 'noarch'],
  includepkgs: [],
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
const newest = { newestOnly: true, keep: 1 }

describe('by name', () => {
  const all = ['bash-5.1-1.x86_64', 'bash-doc-5.1-1.noarch', 'nginx-1.20-1.x86_64', 'nginx-core-1.20-1.x86_64']

  test.each<[string, Partial<Selection>, string[]]>([
    ['everything is selected where nothing is said', {}, all],
    ['only what is included', { includepkgs: ['nginx*'] }, ['nginx-1.20-1.x86_64', 'nginx-core-1.20-1.x86_64']],
    ['all but what is excluded', { excludepkgs: ['bash*'] }, ['nginx-1.20-1.x86_64', 'nginx-core-1.20-1.x86_64']],
    ['an exclude beats an include', { includepkgs: ['nginx*'], excludepkgs: ['*-core'] }, ['nginx-1.20-1.x86_64']],
    ['what any of several includes names', { includepkgs: ['bash', 'nginx'] }, [all[0]!, all[2]!]],
    ['by name and arch', { includepkgs: ['*.noarch'] }, ['bash-doc-5.1-1.noarch']],
    ['nothing where nothing matches', { includepkgs: ['absent'] }, []],
  ])('%s', (_, selection, expected) => {
    expect(selected(all, selection)).toEqual(expected)
  })
})

describe('by arch', () => {
  const all = ['a-1-1.x86_64', 'a-1-1.i686', 'a-1-1.aarch64', 'b-1-1.noarch', 'a-1-1.src', 'c-1-1.nosrc']

  test.each<[string, Partial<Selection>, string[]]>([
    ['only those that are wanted', { arch: ['x86_64', 'noarch'] }, ['a-1-1.x86_64', 'b-1-1.noarch']],
    ['source packages besides', { arch: ['x86_64'], source: 'also' }, ['a-1-1.x86_64', 'a-1-1.src', 'c-1-1.nosrc']],
    ['source packages alone', { arch: ['x86_64'], source: 'only' }, ['a-1-1.src', 'c-1-1.nosrc']],
    ['a source arch in the list selects none', { arch: ['src', 'aarch64'] }, ['a-1-1.aarch64']],
  ])('%s', (_, selection, expected) => {
    expect(selected(all, selection)).toEqual(expected)
  })
})

describe('packages for debuggers', () => {
  const debug = [
    'bash-debuginfo-5.1-1.x86_64',
    'bash-debugsource-5.1-1.x86_64',
    'kernel-debuginfo-common-x86_64-5.14-1.x86_64',
    'glibc-debuginfo-32bit-2.31-1.x86_64',
  ]
  const others = ['bash-5.1-1.x86_64', 'debuginfo-1-1.noarch', 'elfutils-debuginfod-0.19-1.x86_64']
  const all = [...debug, ...others, 'bash-5.1-1.src']

  test.each<[string, Partial<Selection>, string[]]>([
    ['are left out', { debug: 'no' }, others],
    ['are taken beside the others', { debug: 'also' }, [...debug, ...others]],
    ['are taken alone', { debug: 'only' }, debug],
    ['are taken with the source packages', { debug: 'only', source: 'also' }, [...debug, 'bash-5.1-1.src']],
    ['are not taken where only source packages are', { debug: 'also', source: 'only' }, ['bash-5.1-1.src']],
  ])('%s', (_, selection, expected) => {
    expect(selected(all, selection)).toEqual(expected)
  })
})

describe('the newest', () => {
  test('of each name and arch, by rpm’s order', () => {
    const all = ['a-1.9-1.x86_64', 'a-1.10-1.x86_64', 'a-1.8-1.i686', 'b-2~rc1-1.noarch', 'b-2-1.noarch']
    expect(selected(all, newest)).toEqual(['a-1.10-1.x86_64', 'a-1.8-1.i686', 'b-2-1.noarch'])
  })

  test('an epoch counts first', () => {
    expect(selected(['a-9-1.x86_64', 'a-1:1-1.x86_64'], newest)).toEqual(['a-1:1-1.x86_64'])
  })

  test('so many of each, of which the same version may be there twice', () => {
    const all = ['a-1-1.x86_64', 'a-2-1.x86_64', 'a-3-1.x86_64', 'a-3-1.x86_64', 'b-1-1.x86_64']
    expect(selected(all, { keep: 2 })).toEqual(['a-2-1.x86_64', 'a-3-1.x86_64', 'a-3-1.x86_64', 'b-1-1.x86_64'])
    expect(selected(all, newest)).toEqual(['a-3-1.x86_64', 'a-3-1.x86_64', 'b-1-1.x86_64'])
    expect(selected(all, { keep: 100 })).toEqual(all)
  })

  test('versions that rpm takes for equal count as one', () => {
    const all = ['a-1.0-1.x86_64', 'a-1.00-1.x86_64', 'a-0.9-1.x86_64']
    expect(selected(all, newest)).toEqual(['a-1.0-1.x86_64', 'a-1.00-1.x86_64'])
  })

  test('is chosen of what is left: an excluded version does not hide an older one', () => {
    const all = ['a-1-1.x86_64', 'a-2-1.x86_64']
    expect(selected(all, { ...newest, excludepkgs: ['a-2-1'] })).toEqual(['a-1-1.x86_64'])
    expect(selected(['a-2-1.aarch64', 'a-1-1.x86_64'], newest)).toEqual(['a-1-1.x86_64'])
  })

  test('of those that were built since a time, that second too', () => {
    const all: Listed[] = [
      { nevra: 'a-1-1.x86_64', buildTime: 101 },
      { nevra: 'a-2-1.x86_64', buildTime: 99 },
      { nevra: 'b-1-1.x86_64', buildTime: 100 },
      { nevra: 'c-1-1.x86_64', buildTime: 99 },
    ]
    expect(choose(all, { minBuildTime: 100 }, 'keep').rows).toEqual([0, 2])
    expect(choose(all, { minBuildTime: 100, ...newest }, 'keep').rows).toEqual([0, 2])
  })

  test('of modular packages that no document lists all stay: their newest is a matter of their stream', () => {
    const modular = ['p-1-1.module+el8+1.x86_64', 'p-2-1.module_el8+2.x86_64', 'p-3-1.module+el8+3.x86_64']
    expect(selected([...modular, 'p-9-1.el8.x86_64', 'p-8-1.el8.x86_64'], newest)).toEqual([
      ...modular,
      'p-9-1.el8.x86_64',
    ])
  })
})

describe('the newest of a stream', () => {
  const all = ['a-1-1.x86_64', 'b-1-1.x86_64', 'a-2-1.x86_64', 'b-2-1.x86_64', 'a-3-1.x86_64', 'c-1-1.x86_64']
  const [a1, b1, a2, b2, a3] = [0, 1, 2, 3, 4]
  const stream = (versions: Record<string, number[]>) =>
    new Map(Object.entries(versions).map(([version, rows]) => [version, new Set(rows)]))
  const taken = (keep: number, streams: Record<string, Record<string, number[]>>, more: Partial<Selection> = {}) =>
    selected(
      all,
      { keep, ...more },
      new Map(Object.entries(streams).map(([name, versions]) => [name, stream(versions)])),
    ).filter((nevra) => !nevra.startsWith('c'))

  test('is all of its newest version, the highest number', () => {
    expect(taken(1, { 'm:s': { 9: [a1, b1, a2], 10: [a3, b2] } })).toEqual([all[b2], all[a3]])
    expect(taken(1, { 'm:s': { 9: [a1, b1], 10: [a3, a2, b2, b1] } })).toEqual([all[b1], all[a2], all[b2], all[a3]])
  })

  test('and of an older version that has a newer package, the highest such', () => {
    expect(taken(1, { 'm:s': { 1: [a3, a1], 2: [a3, b1], 3: [a2, b2] } })).toEqual([all[b1], all[a2], all[b2], all[a3]])
  })

  test('is each stream’s own', () => {
    expect(taken(1, { 'm:1': { 1: [a1, b1] }, 'm:2': { 1: [a2], 2: [a3] } })).toEqual([
      all[a1],
      all[b1],
      all[b2],
      all[a3],
    ])
  })

  test('counts versions that have no package here, as dnf does', () => {
    expect(taken(1, { 'm:s': { 1: [a1], 2: [a2], 3: [] } })).toEqual([all[b2], all[a2], all[a3]].sort(inOrder))
  })

  test('of several is so many versions, and whatever has the newest packages', () => {
    const versions = { 1: [a1, b2], 2: [a2], 3: [a3], 4: [b1] }
    expect(taken(1, { 'm:s': versions })).toEqual([all[a1], all[b1], all[b2], all[a3]])
    expect(taken(2, { 'm:s': { 1: [a1], 2: [a2, b1], 3: [a3, b2] } })).toEqual([all[b1], all[a2], all[b2], all[a3]])
  })

  test('is of what is wanted by name', () => {
    const versions = { 1: [a1, b1], 2: [a3, b2] }
    expect(taken(1, { 'm:s': versions }, { excludepkgs: ['a-3*', 'a-2*'] })).toEqual([all[a1], all[b1], all[b2]])
  })

  function inOrder(a = '', b = '') {
    return all.indexOf(a) - all.indexOf(b)
  }
})

describe('a package that is listed twice', () => {
  const twice: Listed[] = [
    { nevra: 'a-1-1.x86_64', buildTime: 20 },
    { nevra: 'b-1-1.x86_64', buildTime: 1 },
    { nevra: 'a-1-1.x86_64', buildTime: 30 },
    { nevra: 'a-1-1.x86_64', buildTime: 10 },
  ]

  test('is told, and kept as often as it is listed', () => {
    expect(choose(twice, {}, 'keep')).toEqual({ rows: [0, 1, 2, 3], duplicates: ['a-1-1.x86_64'] })
  })

  test('is the newest build alone, if that is asked for', () => {
    expect(choose(twice, {}, 'newest')).toEqual({ rows: [1, 2], duplicates: ['a-1-1.x86_64'] })
  })

  test('is no matter where it is not selected', () => {
    expect(choose(twice, { excludepkgs: ['a'] }, 'keep')).toEqual({ rows: [1], duplicates: [] })
  })

  test('is not one of another epoch', () => {
    const listed = ['a-1-1.x86_64', 'a-1:1-1.x86_64'].map((nevra) => ({ nevra }))
    expect(choose(listed, {}, 'newest')).toEqual({ rows: [0, 1], duplicates: [] })
  })
})

test('of nothing, nothing is selected', () => {
  expect(choose([], newest, 'newest')).toEqual({ rows: [], duplicates: [] })
})

type Listed = { nevra: string; buildTime?: number }

/** The selected packages of a list, in its order. */
function selected(nevras: string[], selection: Partial<Selection>, streams?: Streams): string[] {
  const { rows } = choose(
    nevras.map((nevra) => ({ nevra })),
    selection,
    'keep',
    streams,
  )
  return rows.map((row) => nevras[row] as string)
}

function choose(listed: Listed[], selection: Partial<Selection>, duplicates: Repo['duplicates'], streams?: Streams) {
  const table = new PackageTable()
  for (const [row, { nevra, buildTime = 0 }] of listed.entries()) {
    const [, name = '', epoch = '0', version = '', release = '', arch = ''] =
      /^(.+)-(?:(\d+):)?([^-]+)-([^-]+)\.([^.]+)$/.exec(nevra) ?? []
    const checksum = { algorithm: 'sha256', hex: sha256Of(String(row)) } as const
    const rest = { checksum, size: 1, href: 'x', base: undefined, fileTime: 0, buildTime }
    table.add({ name, epoch, version, release, arch, ...rest })
  }
  const { rows, duplicates: told } = select(table, { selection: { ...plain, ...selection }, duplicates }, streams)
  return { rows: [...rows], duplicates: told }
}
