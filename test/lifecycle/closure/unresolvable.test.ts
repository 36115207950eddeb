import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newlyUnresolvable, unresolvable } from '../../../src/lifecycle/closure/unresolvable.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { documentsIn } from '../documentsIn.ts'

const of = (name: string, ...requires: string[]): PackageSpec => ({ name, requires })
const version = (name: string, number: string): PackageSpec => ({ name, version: number })

describe('unresolvable is', () => {
  test.each<[string, PackageSpec[], string[]]>([
    ['nothing where all is there', [of('app', 'b', '/usr/bin/b', 'rpmlib(Foo) <= 3'), of('b', 'app = 1.0-1')], []],
    ['what nobody provides', [of('app', 'b', 'c')], ['app-1.0-1.x86_64: b', 'app-1.0-1.x86_64: c']],
    ['a version that nobody has', [of('app', 'b >= 1:2-3'), of('b')], ['app-1.0-1.x86_64: b >= 1:2-3']],
    [
      'a file that is in no filelists',
      [of('app', '/opt/b', '/opt/c'), { name: 'b', files: ['/opt/b'] }],
      ['app-1.0-1.x86_64: /opt/c'],
    ],
    ['a rich one of which nothing is there', [of('app', '(b or (c with d))')], ['app-1.0-1.x86_64: (b or (c with d))']],
    [
      'what one that is not excluded does not provide',
      [of('app', '(x without y)', '(x without z)'), { name: 'b', provides: ['x', 'y'] }],
      ['app-1.0-1.x86_64: (x without y)'],
    ],
    ['what only another arch has', [of('app', 'b'), { name: 'b', arch: 'aarch64' }], ['app-1.0-1.x86_64: b']],
    ['what a source package needs to be built', [{ ...of('app', 'gcc'), arch: 'src' }], ['app-1.0-1.src: gcc']],
  ])('%s', async (_, specs, expected) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    const found = await unresolvable({ checked: documentsIn(folder.path), others: [] }, 'x86_64')
    expect(found.map(({ nevra, requirement }) => `${nevra}: ${requirement}`)).toEqual(expected)
  })
})

test('what other repositories have is there, and what these lack is not asked for', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(join(folder.path, 'app'), [of('app', 'b', '/opt/b', 'c')])
  await makeRepository(join(folder.path, 'base'), [{ ...of('b', 'gone'), files: ['/opt/b'] }])
  const view = { checked: documentsIn(join(folder.path, 'app')), others: [documentsIn(join(folder.path, 'base'))] }
  expect(await unresolvable(view, 'x86_64')).toEqual([{ nevra: 'app-1.0-1.x86_64', requirement: 'c', foreign: 'c' }])
})

describe('newly unresolvable is', () => {
  const before = [of('app', 'libc >= 2', 'b = 1.0-1', 'gone'), of('b')]

  test.each<[string, PackageSpec[], string[]]>([
    ['nothing where nothing changes', before, []],
    ['nothing where what was missing is there', [...before, of('gone')], []],
    ['what was there', [of('app', 'libc >= 2', 'b = 1.0-1', 'gone')], ['b = 1.0-1']],
    ['a version that was there', [of('app', 'b = 1.0-1'), version('b', '2')], ['b = 1.0-1']],
    ['what nothing asked for and nobody has', [...before, of('new', 'other')], ['other']],
    ['a version that nobody has, of what is here', [...before, of('new', 'b > 3')], ['b > 3']],
    ['not another version of what is not here', [...before, of('new', 'libc >= 3')], []],
    ['not what was missing, for another package', [...before, of('new', 'gone')], []],
  ])('%s', async (_, after, expected) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(join(folder.path, 'before'), before)
    await makeRepository(join(folder.path, 'after'), after)
    const [past, now] = ['before', 'after'].map((name) => ({
      checked: documentsIn(join(folder.path, name)),
      others: [],
    }))
    const found = await newlyUnresolvable(past, now as NonNullable<typeof now>, 'x86_64')
    expect(found.map(({ requirement }) => requirement)).toEqual(expected)
  })

  test('without anything before, only what is here in another version', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, [of('app', 'libc', 'b > 3'), of('b')])
    const found = await newlyUnresolvable(undefined, { checked: documentsIn(folder.path), others: [] }, 'x86_64')
    expect(found.map(({ requirement }) => requirement)).toEqual(['b > 3'])
  })
})

test('metadata that cannot be read is named', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, [of('app')])
  const documents = new Map(documentsIn(folder.path))
  const primary = documents.get('primary')
  const file = join(folder.path, 'absent.xml')
  documents.set('primary', { ...(primary as NonNullable<typeof primary>), file })
  await expect(unresolvable({ checked: documents, others: [] }, 'x86_64')).rejects.toMatchObject({
    code: 'E_IO',
    message: `Cannot read primary (${file}): no such file or directory`,
  })
})
