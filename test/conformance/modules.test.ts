import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite } from '../helpers/mirror.ts'
import { artifactOf, defaultStream, type ModuleSpec, modulesYaml } from '../helpers/modulemd.ts'
import { makeRepository, type PackageSpec, packageFile } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { dnfIn, hrefs, isolated, isRoot, lines, nevras, reposyncHrefs, run } from './clients.ts'
import { sync } from './published.ts'

const archs = ['x86_64', 'i686', 'noarch', 'src']

/** Packages of few names and versions, so that streams share them and disagree about which is the newest. */
const anyPackage = fc.record({
  name: fc.constantFrom('app', 'lib', 'tool', 'doc'),
  epoch: fc.constantFrom('0', '0', '1'),
  version: fc.constantFrom('1.0', '1.2', '1.10', '2.0~rc1', '2.0'),
  release: fc.constantFrom('1.module+el9+1', '2.module_el9+2', '3.el9'),
  arch: fc.constantFrom(...archs),
})
const anyModule = (packages: readonly PackageSpec[]) =>
  fc.record({
    name: fc.constantFrom('app', 'other'),
    stream: fc.constantFrom('1', '1.10', 'rhel9'),
    version: fc.constantFrom(9, 10, 99, 100, 8_000_000_000_001, 8_000_000_000_002),
    context: fc.constantFrom('aaaaaaaa', 'bbbbbbbb'),
    artifacts: fc.uniqueArray(fc.constantFrom(...packages, { name: 'gone' }).map(artifactOf), { maxLength: 5 }),
  })

type Upstream = { packages: PackageSpec[]; modules: ModuleSpec[] }

/** The same repositories each time; no stream has two documents of one version and context. */
function upstreams(): Upstream[] {
  const packages = fc.uniqueArray(anyPackage, { minLength: 90, maxLength: 140, selector: artifactOf })
  const identity = ({ name, stream, version, context }: ModuleSpec) => [name, stream, version, context].join()
  const upstream = packages.chain((all) =>
    fc.record({
      packages: fc.constant(all.map(inFolderOfEpoch)),
      modules: fc.uniqueArray(anyModule(all), { minLength: 20, maxLength: 30, selector: identity }),
    }),
  )
  return fc.sample(upstream, { seed: 20250609, numRuns: 5 })
}

/** A file's name does not have the epoch. */
function inFolderOfEpoch(spec: PackageSpec): PackageSpec {
  return { ...spec, href: `Packages/${spec.epoch}/${packageFile(spec)}` }
}

describe.skipIf(!judge('dnf'))('of modules, newest_only selects what dnf reposync --newest-only does', () => {
  test.each(upstreams().entries().toArray())('upstream %i', async (_, { packages, modules }) => {
    await using folder = await makeTemporaryFolder()
    // What no document lists and looks modular is kept by us alone.
    const listed = new Set(modules.flatMap(({ artifacts }) => artifacts))
    const all = packages.filter((spec) => listed.has(artifactOf(spec)) || !spec.release?.includes('module'))
    await makeRepository(folder.path, all, { records: [modulesRecord(modulesYaml(modules))] })
    await using site = await makeSite({
      config: {
        repos: { t: { baseurl: folder.path, newest_only: true, arch: ['x86_64', 'i686'], updateinfo: 'present' } },
      },
    })
    const dnf = dnfIn(site.dir)
    const options = ['--arch=x86_64', '--arch=i686', '--arch=noarch']
    const expected = await reposyncHrefs(dnf, folder.path, '--newest-only', ...options)
    expect(expected.length).toBeLessThan((await reposyncHrefs(dnf, folder.path, ...options)).length)

    expect(hrefs(await sync(site, '--urls'), folder.path)).toEqual(expected)
    await sync(site)
    const tree = site.path('root/t')
    expect((await checkTree(tree)).problems).toEqual([])
    expect(await reposyncHrefs(dnf, tree)).toEqual(expected)
  })
})

describe.skipIf(!judge('dnf'))('a tree of the newest of each stream', () => {
  const built = (name: string, version: string, build: number): PackageSpec => ({
    name,
    version,
    release: `1.module+el9+${build}`,
  })
  const old = [built('app', '1.0', 1), built('lib', '1.0', 1)]
  const newer = [built('app', '1.1', 2), old[1]!]
  const other = [built('app', '2.0', 3), built('lib', '2.0', 3)]
  const modules = modulesYaml(
    [
      { name: 'app', stream: '1', version: 1, artifacts: old.map(artifactOf) },
      { name: 'app', stream: '1', version: 2, artifacts: newer.map(artifactOf) },
      { name: 'app', stream: '2', version: 1, artifacts: other.map(artifactOf) },
      { name: 'gone', stream: '1', version: 1, artifacts: [artifactOf(built('gone', '1', 1))] },
    ],
    defaultStream('app', '1'),
  )
  const packages = [...new Set([...old, ...newer, ...other])]
  const advisory = (id: string, spec: PackageSpec) =>
    `<update from="t" status="final" type="security" version="1"><id>${id}</id><title>${id}</title><issued date="2025-01-01 00:00:00"/><severity>Important</severity><description>${id}</description><pkglist><collection short="t"><name>t</name><package name="${spec.name}" version="${spec.version}" release="${spec.release ?? '1'}" epoch="0" arch="x86_64"><filename>${packageFile(spec)}</filename></package></collection></pkglist></update>`
  const plain: PackageSpec[] = [
    { name: 'bash', version: '1' },
    { name: 'bash', version: '2' },
  ]
  const updates = `<?xml version="1.0"?>\n<updates>${advisory('OLD', plain[0]!)}${advisory('NEW', plain[1]!)}</updates>\n`

  test('gives dnf the modules, packages and advisories of what is there', async () => {
    await using folder = await makeTemporaryFolder()
    const records = [modulesRecord(modules), { type: 'updateinfo', name: 'updateinfo.xml.gz', body: updates }]
    await makeRepository(folder.path, [...packages, ...plain], { records })
    const repo = { baseurl: folder.path, newest_only: true, arch: ['x86_64'] }
    await using site = await makeSite({ config: { repos: { t: { ...repo, updateinfo: 'present' }, all: repo } } })
    await sync(site)
    const [dnf, tree] = [dnfIn(site.dir), site.path('root/t')]
    const upstreams = await dnf(folder.path, 'module', 'list', 'app')
    expect(await dnf(tree, 'module', 'list', 'app')).toBe(upstreams)
    expect(upstreams).toMatch(/app +1 \[d\]/)
    const versions = await dnf(tree, 'module', 'info', '--all', 'app')
    expect(versions).toContain('app-0:1.1-1.module+el9+2.x86_64')
    expect(versions).not.toContain('app-0:1.0-1')
    await expect(dnf(tree, 'module', 'list', 'gone')).rejects.toThrow()
    expect(await nevras(dnf, tree)).toEqual([...newer, ...other, plain[1]!].map(artifactOf).sort())
    const filtered = lines(await dnf(tree, 'repoquery', '--queryformat=%{name}-%{version}\n'))
    expect(filtered).toEqual(['app-1.1', 'bash-2', 'lib-1.0'])
    const fixing = (repo: string, advisory: string) => nevras(dnf, repo, `--advisory=${advisory}`)
    expect(await fixing(tree, 'NEW')).toEqual([artifactOf(plain[1]!)])
    expect(await fixing(folder.path, 'OLD')).toEqual([artifactOf(plain[0]!)])
    expect(await fixing(tree, 'OLD')).toEqual([])
    expect(await run('zgrep', ['-c', '<id>', await fileOf(site.path('root/all'))])).toBe('1\n')
    expect(await run('zgrep', ['-o', '<id>[A-Z]*', await fileOf(tree)])).toBe('<id>NEW\n')
  })

  test.skipIf(!isRoot)('has what dnf module install wants', async () => {
    await using folder = await makeTemporaryFolder()
    await makeRepository(folder.path, packages, { records: [modulesRecord(modules)] })
    await using site = await makeSite({
      config: { repos: { t: { baseurl: folder.path, newest_only: true, arch: ['x86_64'] } } },
    })
    await sync(site)
    const options = isolated(site.dir).filter((option) => option !== '-q')
    const from = [`--repofrompath=t,${site.path('root/t')}`, '--repo=t', `--installroot=${site.path('installed')}`]
    const wanted = run('dnf', [...options, ...from, '--assumeno', 'module', 'install', 'app:1'])
    await expect(wanted).rejects.toMatchObject({ stdout: expect.stringMatching(/app +x86_64 +1\.1-1\.module\+el9\+2/) })
  })
})

function modulesRecord(body: string) {
  return { type: 'modules', name: 'modules.yaml.gz', body }
}

async function fileOf(tree: string): Promise<string> {
  const name = lines(await run('ls', [`${tree}/repodata`])).find((each) => each.includes('updateinfo'))
  return `${tree}/repodata/${name}`
}
