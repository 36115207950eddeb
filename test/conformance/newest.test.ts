import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, packageFile } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { dnfIn, hrefs, nevras, reposyncHrefs } from './clients.ts'
import { sync } from './published.ts'

/** Versions that rpm orders unlike their text, some of them equal to each other for it. */
const versions = [
  '1.0 1.00 01.0 1_0 1..0 1.0. 1 1.0.0 1.0.1 1.a 1.0a 1.0A 1a.0 1.0+1 1.+0',
  '1.0~ 1.0~~ 1.0~rc1 1.0~rc1~git 1.0~rc10 1.0~rc9 1.0~rc1^post 1.0~^ ~1',
  '1.0^ 1.0^^ 1.0^git1 1.0^20250414 1.0^git1~pre 1.0^git1.2 1.0.^git1 ^1',
  '9 10 010 2024.2 20240102 99999999999999999999 100000000000000000000 0 000 a Z alpha',
].flatMap((line) => line.split(' '))
const releases = '1 01 2 10 1.el9 1.el9_2 1.el9.2 1.el10 0.1.rc1 1~bootstrap 1^hotfix'.split(' ')
const archs = ['x86_64', 'i686', 'i586', 'noarch', 'aarch64', 'src']

const spec = fc.record({
  epoch: fc.constantFrom('0', '0', '0', '1', '2', '10'),
  version: fc.constantFrom(...versions),
  release: fc.constantFrom(...releases),
  arch: fc.constantFrom(...archs),
})

/** Hundreds of packages, the same ones each time: some names with few versions, some with many. */
function hardPackages(): PackageSpec[] {
  const differently = { minLength: 2, maxLength: 14, selector: (one: object) => JSON.stringify(one) }
  const groups = fc.sample(fc.uniqueArray(spec, differently), { seed: 20250609, numRuns: 80 })
  return groups.flatMap((group, i) => group.map((one) => inFolderOfEpoch({ name: `package${i}`, size: 64, ...one })))
}

/** A file's name does not have the epoch. */
function inFolderOfEpoch(spec: PackageSpec): PackageSpec {
  return { ...spec, href: `Packages/${spec.epoch}/${packageFile(spec)}` }
}

/** What the selection is called in our configuration, and in reposync's options. */
const selections = [
  { arch: ['x86_64', 'i686'], options: ['--arch=x86_64', '--arch=i686', '--arch=noarch'] },
  { arch: ['aarch64'], options: ['--arch=aarch64', '--arch=noarch'] },
  { source: 'only', options: ['--source'] },
]

describe.skipIf(!judge('dnf'))('what newest_only selects is what dnf reposync --newest-only does', () => {
  test.each(selections)('with $options', async ({ options, ...selection }) => {
    await using folder = await makeTemporaryFolder()
    const specs = hardPackages()
    await makeRepository(folder.path, specs)
    await using site = await makeSite({
      config: { repos: { t: { baseurl: folder.path, newest_only: true, ...selection } } },
    })
    const dnf = dnfIn(site.dir)
    const expected = await reposyncHrefs(dnf, folder.path, '--newest-only', ...options)
    const all = await reposyncHrefs(dnf, folder.path, ...options)
    expect(specs.length).toBeGreaterThan(400)
    expect(expected.length).toBeGreaterThan(50)
    expect(all.length).toBeGreaterThan(expected.length * 1.1)

    expect(hrefs(await sync(site, '--urls'), folder.path)).toEqual(expected)
    await sync(site)
    const tree = site.path('root/t')
    expect((await checkTree(tree)).problems).toEqual([])
    expect(await reposyncHrefs(dnf, tree)).toEqual(expected)
    expect(await reposyncHrefs(dnf, tree, '--newest-only')).toEqual(expected)
  })

  test('and keep: 2 is its repoquery --latest-limit=2', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, hardPackages())
    const arch = archs.filter((arch) => arch !== 'src')
    await using site = await makeSite({ config: { repos: { t: { baseurl: folder.path, arch, keep: 2 } } } })
    const dnf = dnfIn(site.dir)
    await sync(site)
    const expected = await nevras(dnf, folder.path, '--latest-limit=2', ...arch.map((one) => `--arch=${one}`))
    expect(expected.length).toBeGreaterThan(150)
    expect(await nevras(dnf, site.path('root/t'))).toEqual(expected)
  })
})
