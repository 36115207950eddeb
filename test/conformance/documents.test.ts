import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'
import { type Dnf, dnfIn, lines } from './clients.ts'
import { type Published, publish } from './published.ts'

const specs: PackageSpec[] = [
  { name: 'alpha', version: '1.0~rc1', files: ['/usr/bin/alpha', '/usr/share/alpha/', '/usr/share/alpha/a & <b>'] },
  { name: 'alpha', epoch: '2', version: '0.9', files: ['/etc/alpha.conf'], requires: ['/usr/bin/beta'] },
  { name: 'beta', arch: 'noarch', summary: 'é "quoted" & <marked>', description: 'a ]] > b, <![CDATA[' },
  { name: 'gamma', files: [], requires: ['alpha', 'beta'], description: '' },
  { name: 'delta', arch: 'src', files: ['delta.spec'] },
  { name: 'zeta-c++', release: '1^hotfix', files: ["/opt/it's"] },
]

/** How an upstream may write these packages. */
const ways: Record<string, RepositoryOptions> = {
  plainly: {},
  'with a prefix at every element': { style: 'prefixed' },
  'with comments and CDATA, in zstd': { style: 'commented', compression: 'zst' },
  'with single quotes, in xz': { style: 'singleQuoted', compression: 'xz' },
  'in bzip2': { compression: 'bz2' },
  'uncompressed, each document in another order': { compression: 'none', order: 'reversed' },
  'each document in another compression': { compression: { primary: 'none', filelists: 'xz', other: 'zst' } },
  'in any order, with comments, under plain names': { order: 'shuffled', style: 'commented', simpleNames: true },
  'without filelists': { omit: ['filelists'] },
  'without filelists and other, with prefixes': { omit: ['filelists', 'other'], style: 'prefixed' },
}

describe.skipIf(!judge('dnf', 'xz', 'bzip2'))('dnf reads the same of the mirror when the upstream is written', () => {
  let upstreams: TemporaryFolder
  let published: Published
  let expected: (omit: RepositoryOptions['omit']) => Promise<{ whole: View; part: View }>

  beforeAll(async () => {
    upstreams = await makeTemporaryFolder()
    const repos = Object.entries(ways).map(async ([name, way], i) => {
      const baseurl = join(upstreams.path, `${i}`)
      await makeRepository(baseurl, specs, way)
      const repo = { name, baseurl, arch: ['x86_64'], source: 'also' }
      return { [`whole${i}`]: repo, [`part${i}`]: { ...repo, excludepkgs: ['beta'] } }
    })
    published = await publish(Object.assign({}, ...(await Promise.all(repos))))
    expected = viewsOfPlain(upstreams.path)
  }, 120_000)
  afterAll(async () => {
    await published?.[Symbol.asyncDispose]()
    await upstreams[Symbol.asyncDispose]()
  })

  test.each(Object.entries(ways).map(([name, way], i) => ({ name, way, i })))('$name', async ({ way, i }) => {
    const [whole, part] = [published.folder(`whole${i}`), published.url(`part${i}`)]
    expect((await checkTree(whole)).problems).toEqual([])
    expect((await checkTree(part)).problems).toEqual([])
    const dnf = dnfIn(published.site.dir)
    expect({ whole: await view(dnf, whole), part: await view(dnf, part) }).toEqual(await expected(way.omit))
  })
})

/** What dnf sees of an upstream in createrepo_c's own form, all of it and without `beta`. */
function viewsOfPlain(folder: string): (omit?: RepositoryOptions['omit']) => Promise<{ whole: View; part: View }> {
  const views = new Map<string, { whole: View; part: View }>()
  return async (omit = []) => {
    const repo = join(folder, `plain-${omit.join('-')}`)
    const dnf = dnfIn(folder)
    if (!views.has(repo)) {
      await makeRepository(repo, specs, { omit })
      const part = await view(dnf, repo, '--setopt=excludepkgs=beta')
      views.set(repo, { whole: await view(dnf, repo), part })
    }
    return views.get(repo)!
  }
}

const format = [
  '%{name}-%{epoch}:%{version}-%{release}.%{arch} %{summary} %{description} %{license} %{sourcerpm} %{provides}',
  '%{requires} %{downloadsize} %{installsize} %{buildtime} %{location} %{files}',
].join(' ')

type View = Record<string, string[]>

/** What dnf shows of primary and filelists, of other, and whom it finds by a file. */
async function view(dnf: Dnf, repo: string, ...options: string[]): Promise<View> {
  const ask = async (...args: string[]) => lines(await dnf(repo, 'repoquery', ...options, ...args))
  return {
    packages: await ask(`--queryformat=${format}`),
    changelogs: await ask('--changelogs'),
    providers: await ask('--whatprovides=/usr/bin/alpha'),
  }
}
