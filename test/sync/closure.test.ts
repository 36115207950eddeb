import { describe, expect, test } from 'vitest'
import { artifactOf, modulesYaml } from '../helpers/modulemd.ts'
import type { PackageSpec, RepositoryOptions } from '../helpers/repository.ts'
import { startSyncing } from './syncing.ts'

const of = (name: string, ...requires: string[]): PackageSpec => ({ name, requires })
const settings = { includepkgs: 'app', with_deps: true }

describe('with_deps brings along', () => {
  test.each<[string, PackageSpec[], string[]]>([
    [
      'what is required of what is required',
      [of('app', 'b'), of('b', 'c'), of('c', 'app'), of('d')],
      ['app', 'b', 'c'],
    ],
    ['who provides it', [of('app', 'web(server)'), { name: 'b', provides: ['web(server)'] }], ['app', 'b']],
    ['a file of primary', [of('app', '/usr/bin/b'), of('b')], ['app', 'b']],
    [
      'a file that only filelists has, also of what comes in by one',
      [of('app', '/opt/b'), { ...of('b', '/opt/c'), files: ['/opt/b'] }, { name: 'c', files: ['/opt/c'] }, of('d')],
      ['app', 'b', 'c'],
    ],
    [
      'all that may be',
      [of('app', '(b or (c and d(x) >= 2) or e)'), of('b'), of('c'), of('e')],
      ['app', 'b', 'c', 'e'],
    ],
    [
      'what is asked for on a condition, but not the condition',
      [of('app', '(b if c else d)'), of('b'), of('c'), of('d')],
      ['app', 'b', 'd'],
    ],
    [
      'one package that is all of what is asked for',
      [
        of('app', '(crate(x) >= 1 with crate(x) < 2)'),
        { name: 'b', version: '2.0', provides: ['crate(x) = 2.0'] },
        { name: 'b', version: '1.5', provides: ['crate(x) = 1.5'] },
        { name: 'b', version: '0.9', provides: ['crate(x) = 0.9'] },
      ],
      ['app', 'b-1.5'],
    ],
    [
      'the newest that is of the version',
      [of('app', 'b < 3'), ...['1', '2', '3'].map((version) => ({ name: 'b', version }))],
      ['app', 'b-2'],
    ],
    ['nothing where it has it', [of('app', 'b', 'x'), { name: 'b', provides: ['x'] }, { name: 'x' }], ['app', 'b']],
    ['nothing that it merely recommends', [{ ...of('app'), recommends: ['b'] }, of('b')], ['app']],
    [
      'nothing for a source package',
      [of('app', 'b'), { ...of('app', 'gcc'), arch: 'src' }, of('b'), of('gcc')],
      ['app', 'app', 'b'],
    ],
  ])('%s', async (_, specs, expected) => {
    const source = specs.some(({ arch }) => arch === 'src') ? 'also' : 'no'
    expect(await taken(specs, { source })).toEqual(expected)
  })

  test('the package of that very name before one that is newer and provides it', async () => {
    expect(await taken([of('app', 'b'), { name: 'c', version: '9', provides: ['b'] }, of('b')])).toEqual(['app', 'b'])
  })

  test('the package of the same arch', async () => {
    const both = (spec: PackageSpec) => [{ ...spec, arch: 'i686' }, spec]
    expect(await taken([of('app', 'b'), ...both(of('b'))], {}, (href) => href)).toEqual([
      expect.stringContaining('app-1.0-1.x86_64'),
      expect.stringContaining('b-1.0-1.x86_64'),
    ])
  })

  test('what is recommended, where that is asked for', async () => {
    expect(await taken([{ ...of('app'), recommends: ['b'] }, of('b', 'c'), of('c')], { with_deps: 'weak' })).toEqual([
      'app',
      'b',
      'c',
    ])
  })

  test('nothing that the selection leaves out otherwise', async () => {
    const specs = [of('app', 'b', 'c', 'd'), of('b'), { ...of('c'), arch: 'aarch64' }, { ...of('d'), buildTime: 1 }]
    expect(await taken(specs, { excludepkgs: 'b', min_buildtime: '2020-01-01' })).toEqual(['app'])
  })

  test('the newest of each stream of a module, and from outside', async () => {
    const b = (version: string, release: string) => ({ name: 'b', version, release })
    const [plain, ...modular] = [b('1', '1'), b('2', '1.module+a'), b('3', '1.module+a'), b('4', '1.module+c')]
    const documents = modular.map((spec, i) => ({
      name: 'm',
      stream: i < 2 ? 'a' : 'c',
      version: i,
      artifacts: [artifactOf(spec)],
    }))
    const records = [{ type: 'modules', name: 'modules.yaml', body: modulesYaml(documents) }]
    const names = await taken([of('app', 'b'), plain, ...modular], {}, undefined, { records })
    expect(names).toEqual(['app', 'b-1', 'b-3-1.module+a', 'b-4-1.module+c'])
  })
})

test('what this upstream does not have is told once and fails nothing', async () => {
  await using syncing = await startSyncing([of('app', 'b', 'x', 'rpmlib(Foo) <= 3'), of('b', 'x', '(y or z)', '(')])
  await syncing.run(settings)
  expect(syncing.notices).toEqual([
    'info: 3 dependencies are not in this upstream, such as x; clients need another repository for them',
  ])
  expect(await syncing.run(settings)).toBeUndefined()
})

test('what came along stays where the upstream drops it and removed packages are kept', async () => {
  await using syncing = await startSyncing([of('app', 'b'), of('b')])
  const keeping = { ...settings, removed: 'keep' }
  await syncing.run(keeping)
  await syncing.offer([of('app', 'b')])
  await syncing.run(keeping)
  expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 2 } })
})

test('a dependency that is too young yet is looked for when it is old enough', async () => {
  const young = Math.floor(Date.now() / 1000) - 86_400
  await using syncing = await startSyncing([of('app', 'b'), { ...of('b'), buildTime: young }])
  expect(await syncing.run({ ...settings, min_age: '7d', age: 'build' })).toMatchObject({
    packages: 1,
    until: (young + 7 * 86_400) * 1000,
  })
})

/** What is published of an upstream: names of packages, with their versions where these are not 1.0-1. */
async function taken(
  specs: PackageSpec[],
  more: object = {},
  named = (href: string) => href.replace(/^.*\/|\.[^.]*\.rpm$/g, '').replace(/(-1\.0)?-1$/, ''),
  options: RepositoryOptions = {},
): Promise<string[]> {
  await using syncing = await startSyncing(specs, options)
  await syncing.run({ ...settings, ...more })
  const { problems, hrefs } = await syncing.check()
  expect(problems).toEqual([])
  return hrefs.map(named)
}
