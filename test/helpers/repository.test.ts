import { execFileSync } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { checkTree } from './checker.ts'
import { judge } from './judges.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions, removeFiles } from './repository.ts'
import { makeTemporaryFolder } from './temporary.ts'

const specs: PackageSpec[] = [
  { name: 'alpha', requires: ['beta'], summary: 'é "quoted" & <marked>' },
  {
    name: 'beta',
    version: '1.10~rc1',
    release: '3.el9',
    files: ['/etc/beta.conf', '/usr/share/beta/', '/opt/a & <b>'],
  },
  { name: 'gamma', epoch: '2', arch: 'noarch', checksumType: 'sha512', size: 3 },
  { name: 'delta', arch: 'src', href: 'SPackages/delta.src.rpm' },
]

const nevras = ['alpha-0:1.0-1.x86_64', 'beta-0:1.10~rc1-3.el9.x86_64', 'delta-0:1.0-1.src', 'gamma-2:1.0-1.noarch']

test('what the specification says is what the checker finds', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, specs)
  const { packages, problems, revision } = await checkTree(folder.path)
  expect({ problems, revision }).toEqual({ problems: [], revision: '1700000000' })
  expect(packages.map(({ nevra }) => nevra).sort()).toEqual(nevras)
  expect(packages.map(({ href }) => href)).toEqual([
    'Packages/a/alpha-1.0-1.x86_64.rpm',
    'Packages/b/beta-1.10~rc1-3.el9.x86_64.rpm',
    'Packages/g/gamma-1.0-1.noarch.rpm',
    'SPackages/delta.src.rpm',
  ])
  expect((await stat(join(folder.path, 'Packages/g/gamma-1.0-1.noarch.rpm'))).size).toBe(3)
})

test('the same specification gives the same bytes, another one gives others', async () => {
  const digestOf = async (packages: PackageSpec[], options: RepositoryOptions = {}) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, packages, options)
    return (await checkTree(folder.path)).repomdSha256
  }
  const digest = await digestOf(specs)
  expect(await digestOf(specs)).toBe(digest)
  expect(await digestOf([{ ...specs[0]!, buildTime: 1_700_000_001 }, ...specs.slice(1)])).not.toBe(digest)
  expect(await digestOf(specs, { order: 'shuffled' })).not.toBe(digest)
})

test('a shuffled filelists differs from primary and from other', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, specs, { order: 'shuffled', simpleNames: true })
  const [primary, filelists, other] = await Promise.all(
    ['primary', 'filelists', 'other'].map(async (type) => {
      const document = gunzipSync(await readFile(join(folder.path, `repodata/${type}.xml.gz`))).toString()
      return Array.from(
        document.matchAll(/<name>(.*?)<|name="(\w+)" arch/g),
        ([, child, attribute]) => child ?? attribute,
      )
    }),
  )
  expect(new Set([primary, filelists, other].map(String)).size).toBe(3)
  expect(filelists?.toSorted()).toEqual(primary?.toSorted())
})

describe('over an existing repository', () => {
  test('the revision grows, and what the new one does not name stays', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    await makeRepository(folder.path, specs.slice(1))
    const { packages, problems, revision } = await checkTree(folder.path)
    expect({ count: packages.length, problems, revision }).toEqual({ count: 3, problems: [], revision: '1700000001' })
    expect(await readdir(join(folder.path, 'repodata'))).toHaveLength(7)
    expect(await readdir(join(folder.path, 'Packages/a'))).toHaveLength(1)
  })

  test('clean leaves only what the new one names', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    await makeRepository(folder.path, specs.slice(1), { clean: true })
    expect((await checkTree(folder.path)).problems).toEqual([])
    expect(await readdir(join(folder.path, 'repodata'))).toHaveLength(4)
    expect(await readdir(join(folder.path, 'Packages/a'))).toEqual([])
  })

  test('a reader never finds half of it', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs)
    const state = { isDone: false }
    const writing = (async () => {
      for (let round = 0; round < 20; round++) await makeRepository(folder.path, specs.slice(round % 3))
      state.isDone = true
    })()
    while (!state.isDone) expect((await checkTree(folder.path)).problems).toEqual([])
    await writing
  })
})

test('files are removed after metadata has named them', async () => {
  await using folder = await makeTemporaryFolder()
  await makeRepository(folder.path, specs, { removeFiles: ['SPackages/delta.src.rpm'] })
  await removeFiles(folder.path, ['Packages/a/alpha-1.0-1.x86_64.rpm'])
  expect((await checkTree(folder.path)).problems).toEqual([
    'Packages/a/alpha-1.0-1.x86_64.rpm: cannot be read (ENOENT)',
    'SPackages/delta.src.rpm: cannot be read (ENOENT)',
  ])
})

test('nothing is written outside the folder', async () => {
  await using folder = await makeTemporaryFolder()
  const writing = makeRepository(join(folder.path, 'repo'), [{ name: 'evil', href: '../evil.rpm' }])
  await expect(writing).rejects.toThrow('../evil.rpm is not below the repository')
})

const variants: RepositoryOptions[] = [
  {},
  { compression: 'zst', records: [{ type: 'group', name: 'comps.xml.zst', body: '<comps/>' }] },
  { compression: 'none', simpleNames: true },
  { style: 'commented' },
  { style: 'singleQuoted', order: 'reversed' },
  { omit: ['filelists', 'other'] },
]
if (judge('xz', 'bzip2')) variants.push({ compression: { primary: 'xz', filelists: 'bz2' } })

describe.skipIf(!judge('dnf'))('dnf reads every package', () => {
  test.each(variants)('%j', async (options) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(join(folder.path, 'repo'), specs, options)
    const found = await dnf(folder.path, 'repoquery', '--queryformat', '%{name}-%{epoch}:%{version}-%{release}.%{arch}')
    expect(found.trim().split('\n').sort()).toEqual(nevras)
  })

  test('with its summary and its files', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(join(folder.path, 'repo'), specs, { style: 'commented' })
    expect((await dnf(folder.path, 'repoquery', '--queryformat', '%{summary}', 'alpha')).trim()).toBe(
      'é "quoted" & <marked>',
    )
    const files = (await dnf(folder.path, 'repoquery', '--list', 'beta')).trim().split('\n').sort()
    expect(files).toEqual(['/etc/beta.conf', '/opt/a & <b>', '/usr/share/beta'])
  })

  test('and none of a prefixed document, which is why the checker refuses those', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(join(folder.path, 'repo'), specs, { style: 'prefixed' })
    expect(await dnf(folder.path, 'repoquery')).toBe('')
  })
})

/** The real dnf on `<dir>/repo`, with nothing of this machine's configuration. */
async function dnf(dir: string, verb: string, ...args: string[]): Promise<string> {
  const settings = [
    'reposdir=/dev/null',
    `cachedir=${dir}/cache`,
    `persistdir=${dir}/persist`,
    `logdir=${dir}`,
    'gpgcheck=0',
  ]
  const repo = [`--repofrompath=t,${dir}/repo`, '--repoid=t', '--releasever=1', '--forcearch=x86_64']
  await writeFile(join(dir, 'dnf.conf'), '[main]\n')
  const isolation = ['-q', '-c', join(dir, 'dnf.conf'), ...settings.map((setting) => `--setopt=${setting}`)]
  return execFileSync('dnf', [...isolation, ...repo, verb, ...args], { encoding: 'utf8', stdio: 'pipe' })
}

test.skipIf(!judge('xmllint')).each(['plain', 'prefixed', 'commented', 'singleQuoted'] as const)(
  'xmllint finds %s documents well-formed',
  async (style) => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, specs, { style, compression: 'none' })
    const files = (await readdir(join(folder.path, 'repodata'))).map((name) => join(folder.path, 'repodata', name))
    expect(files).toHaveLength(4)
    execFileSync('xmllint', ['--noout', '--nonet', ...files], { stdio: 'pipe' })
  },
)
