import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite, type Site } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, packageFile } from '../helpers/repository.ts'
import { hrefs, isolated, run } from './clients.ts'
import { sync } from './published.ts'

const names = [
  'nginx nginx-core nginx-core-debuginfo nginx-mod-1.20 Nginx ginx nginx.x86_64 libnginx1',
  'gcc gcc-c++ c++ gcc-c++-1.0 python3.11 python3x11 a-1-2 a-1 a a-b-c',
].flatMap((line) => line.split(' '))

/** Labels that can be cut at more than one hyphen, archs that look like a part of a name, and epochs. */
const specs: PackageSpec[] = [
  ...names.map((name) => ({ name })),
  ...['1.20', '1.20.1', '1.22~rc1', '1.22^git5'].map((version) => ({ name: 'nginx', version, release: '4.el9' })),
  ...['1.20', '1.22'].map((version) => ({ name: 'nginx', epoch: '1', version, href: `Packages/1/${version}.rpm` })),
  ...['noarch', 'i686', 'aarch64', 'src'].map((arch) => ({ name: 'nginx', arch })),
  { name: 'a', version: '1', release: '2' },
  { name: 'a-b', version: 'c', release: 'd' },
]

/** Each is tried as includepkgs and as excludepkgs; test/rpm/subject.test.ts has many more, without a sync. */
const globs = [
  'nginx nginx* [nN]ginx NGINX nginx.x86_64 *.src gcc-c++ a-1 absent',
  'nginx-1.20 nginx-0:1.20-4.el9 nginx-1:* nginx-1.22^git5-4.el9.x86_64',
].flatMap((line) => line.split(' '))

/** Both at once: what is excluded stays out, whatever includes it. */
const both = [
  { includepkgs: 'nginx*', excludepkgs: '*-debuginfo, nginx-1.2*' },
  { includepkgs: 'nginx gcc*, absent', excludepkgs: 'nginx' },
]

type Names = { includepkgs?: string; excludepkgs?: string }
const cases: Names[] = [...globs.flatMap((glob) => [{ includepkgs: glob }, { excludepkgs: glob }]), ...both]

/** The one .repo file that dnf and the program both read: a repository for each case, all from below `folder`. */
function repoFile(folder: string): string {
  const sections = cases.map((names, i) => {
    const lines = Object.entries(names).map(([key, list]) => `${key}=${list}\n`)
    return `[case${i}]\nname=Case ${i}\nbaseurl=file://${folder}/case${i}\ngpgcheck=0\n${lines.join('')}`
  })
  return sections.join('\n')
}

describe.skipIf(!judge('dnf'))('of one .repo file, a sync takes what dnf reposync takes with', () => {
  let site: Site
  let expected: string[]

  beforeAll(async () => {
    site = await makeSite()
    const upstream = site.path('upstream')
    await makeRepository(
      upstream,
      specs.map((spec) => ({ href: `Packages/${packageFile(spec)}`, size: 64, ...spec })),
    )
    for (const i of cases.keys()) await symlink(upstream, site.path(`upstream/case${i}`))
    await mkdir(site.path('repos.d'))
    await writeFile(site.path('repos.d/cases.repo'), repoFile(upstream))
    const defaults = { arch: ['x86_64', 'i686', 'aarch64'], source: 'also' }
    await site.writeConfig({ workers: 4, include: [{ files: [site.path('repos.d/*.repo')], defaults }] })
    const options = [...isolated(site.dir), `--setopt=reposdir=${site.path('repos.d')}`]
    expected = hrefs(await run('dnf', [...options, 'reposync', '--urls']), upstream)
    await sync(site)
  }, 180_000)
  afterAll(() => site[Symbol.asyncDispose]())

  test.each(cases.map((names, i) => ({ names, i })))('$names', async ({ i }) => {
    const { packages, problems } = await checkTree(join(site.root, `case${i}`))
    const prefix = `case${i}/`
    expect(problems).toEqual([])
    expect(packages.map(({ href }) => `${prefix}${href}`).sort()).toEqual(
      expected.filter((href) => href.startsWith(prefix)),
    )
  })
})
