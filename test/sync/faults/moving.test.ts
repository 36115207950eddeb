import { expect, test } from 'vitest'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { listing } from './listing.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'

function packages(version: number): PackageSpec[] {
  return ['alpha', 'beta', 'gamma'].map((name) => ({ name, version: `${version}.0` }))
}

/** Lets the upstream move to its next version whenever one of these files is asked for, so many times. */
function moves(mirrored: MirroredSite, path: RegExp, times: number, next: (version: number) => Promise<void>): void {
  let version = 1
  const before = () => next(++version)
  mirrored.upstream.rules.push({ path, times, fault: { kind: 'hook', before } })
}

async function evrs(mirrored: MirroredSite): Promise<{ problems: string[]; versions: string[] }> {
  const report = await mirrored.check()
  return {
    problems: report.problems,
    versions: report.packages.map(({ nevra }) => nevra.replace(/^\w+-0:|-1\..*/g, '')),
  }
}

test.for([
  ['between repomd.xml and primary', /primary/],
  ['between primary and filelists', /filelists/],
  ['between primary and the packages', /\.rpm$/],
] as const)('K4: an upstream that drops what it had %s is planned again', async ([, path]) => {
  await using mirrored = await mirroredSite()
  await makeRepository(mirrored.dir, packages(1))
  moves(mirrored, path, 1, (version) => makeRepository(mirrored.dir, packages(version), { clean: true }))
  const { status, stderr } = await mirrored.sync()
  expect(status).toBe(0)
  expect(stderr).toContain('repo: the upstream changed meanwhile; planning again')
  expect(await evrs(mirrored)).toEqual({ problems: [], versions: ['2.0', '2.0', '2.0'] })
})

test('K4: an upstream that writes other bytes under the same names is planned again', async () => {
  await using mirrored = await mirroredSite()
  const specs = (buildTime: number) => packages(1).map((spec) => ({ ...spec, buildTime }))
  await makeRepository(mirrored.dir, specs(1), { simpleNames: true })
  moves(mirrored, /gamma/, 1, (version) => makeRepository(mirrored.dir, specs(version), { simpleNames: true }))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
})

test('K4: an upstream that only adds is finished as it was begun, and followed by the next run', async () => {
  await using mirrored = await mirroredSite()
  await makeRepository(mirrored.dir, packages(1))
  moves(mirrored, /primary/, 1, (version) => makeRepository(mirrored.dir, packages(version)))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await evrs(mirrored)).toEqual({ problems: [], versions: ['1.0', '1.0', '1.0'] })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await evrs(mirrored)).toEqual({ problems: [], versions: ['2.0', '2.0', '2.0'] })
})

test('what has come before the upstream moved is not fetched again', async () => {
  await using mirrored = await mirroredSite({ max_parallel_downloads: 1 })
  const stable = { name: 'stable' }
  await makeRepository(mirrored.dir, [stable, ...packages(1)])
  const next = (version: number) => makeRepository(mirrored.dir, [stable, ...packages(version)], { clean: true })
  moves(mirrored, /alpha/, 1, next)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(mirrored.asked().filter((path) => path.includes('stable'))).toHaveLength(1)
})

test.for([
  ['primary', /primary/],
  ['the packages', /gamma/],
] as const)('an upstream that moves on every try at %s is given up after three new plans', async ([, path]) => {
  await using mirrored = await mirroredSite()
  const { dir, upstream, site } = mirrored
  await makeRepository(dir, packages(1))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const before = await listing(mirrored.tree)
  await makeRepository(dir, packages(2), { clean: true })
  mirrored.asked()
  moves(mirrored, path, 100, (version) => makeRepository(dir, packages(version + 1), { clean: true }))
  const { status, stderr } = await mirrored.sync()
  expect(status).toBe(1)
  const why = 'the upstream changed 4 times while it was read; run again later'
  expect(stderr).toContain(`E_MOVING repo: Cannot sync from ${upstream.url}: ${why}; generation 1 is still served\n`)
  expect(await listing(mirrored.tree)).toEqual(before)
  // A look at the beginning, one to learn that it has moved after each of four failures.
  expect(mirrored.asked().filter((asked) => asked === 'repodata/repomd.xml')).toHaveLength(5)
  upstream.rules.length = 0
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
  expect(await listing(site.path('state/tmp'))).toEqual(['left/'])
})
