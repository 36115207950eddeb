import { existsSync, statSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeRepository } from '../../helpers/repository.ts'
import { damaged } from '../../helpers/upstream.ts'
import { listing, sha256 } from './listing.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'

const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'
const packages = [{ name: 'alpha' }, { name: 'beta' }]

/** A site with one generation published. */
async function published(settings: object = {}): Promise<MirroredSite> {
  const mirrored = await mirroredSite(settings)
  await makeRepository(mirrored.dir, packages)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  mirrored.asked()
  return mirrored
}

async function poolFile({ site, dir }: MirroredSite, href: string): Promise<string> {
  const digest = sha256(await readFile(join(dir, href)))
  return site.path('state/pool', digest.slice(0, 2), digest)
}

async function metadataFile({ tree }: MirroredSite): Promise<string> {
  const names = await readdir(join(tree, 'repodata'))
  return `repodata/${names.find((name) => name.includes('filelists'))}`
}

test.for(['a package', 'a metadata file', 'repomd.xml', 'everything'] as const)(
  '%s that was deleted from the tree comes back, though the upstream is unchanged',
  async (what) => {
    await using mirrored = await published()
    const before = await listing(mirrored.tree)
    const paths = {
      'a package': alpha,
      'a metadata file': await metadataFile(mirrored),
      'repomd.xml': 'repodata/repomd.xml',
      everything: '.',
    }
    await rm(join(mirrored.tree, paths[what]), { recursive: true })
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    expect(await listing(mirrored.tree)).toEqual(before)
    expect(mirrored.asked().filter((path) => path !== 'repodata/repomd.xml')).toEqual([])
    expect(await mirrored.sync()).toMatchObject({ status: 0, stdout: expect.stringMatching(/unchanged/) })
  },
)

test('another repomd.xml, and a link to one, give way to ours', async () => {
  await using mirrored = await published()
  const before = await listing(mirrored.tree)
  const pointer = join(mirrored.tree, 'repodata/repomd.xml')
  const other = mirrored.site.path('other.xml')
  await rm(pointer)
  await writeFile(pointer, '<repomd/>')
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await listing(mirrored.tree)).toEqual(before)
  await writeFile(other, '<repomd/>')
  await rm(pointer)
  await symlink(other, pointer)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await listing(mirrored.tree)).toEqual(before)
  expect(await readFile(other, 'utf8')).toBe('<repomd/>')
})

test.for(['gone', 'cut'] as const)(
  'a package that is gone from the tree and %s in the pool is fetched again',
  async (how) => {
    await using mirrored = await published()
    const before = await listing(mirrored.tree)
    const file = await poolFile(mirrored, alpha)
    await rm(join(mirrored.tree, alpha))
    await (how === 'gone' ? rm(file) : truncate(file, 10))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    expect(await listing(mirrored.tree)).toEqual(before)
    expect(mirrored.asked().filter((path) => path.endsWith('.rpm'))).toEqual([alpha])
  },
)

test('a file of the pool that nothing vouches for is hashed before it is used', async () => {
  await using mirrored = await mirroredSite()
  await makeRepository(mirrored.dir, packages)
  for (const [name, change] of [
    ['alpha', damaged],
    ['beta', (right: Buffer) => right],
  ] as const) {
    const href = `Packages/${name[0]}/${name}-1.0-1.x86_64.rpm`
    const file = await poolFile(mirrored, href)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, change(await readFile(join(mirrored.dir, href))))
  }
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
  expect(mirrored.asked().filter((path) => path.endsWith('.rpm'))).toEqual([alpha])
})

test('leftovers in the tree give way to what is published under their names; other files stay', async () => {
  await using mirrored = await published()
  const gamma = join(mirrored.tree, 'Packages/g/gamma-1.0-1.x86_64.rpm')
  await mkdir(join(gamma, '..'))
  await writeFile(gamma, 'left by somebody')
  await writeFile(join(mirrored.tree, 'repodata/.repomd.xml.new'), 'left by a kill')
  await writeFile(join(mirrored.tree, 'NOTES'), 'not ours')
  await makeRepository(mirrored.dir, [...packages, { name: 'gamma' }])
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
  expect(await readFile(join(mirrored.tree, 'NOTES'), 'utf8')).toBe('not ours')
  expect(existsSync(join(mirrored.tree, 'repodata/.repomd.xml.new'))).toBe(false)
})

test.for(['', 'Packages', 'Packages/g', 'repodata'])(
  'a link in place of the folder "%s" is refused and not followed',
  async (folder) => {
    await using mirrored = await published({ retain: 0 })
    const { site, tree, dir } = mirrored
    const elsewhere = site.path('elsewhere')
    const place = join(tree, folder)
    if (existsSync(place)) await rename(place, elsewhere)
    else await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'precious'), 'x')
    const before = await listing(elsewhere)
    await symlink(elsewhere, place)
    await makeRepository(dir, [{ name: 'gamma' }])
    const { status, stderr } = await mirrored.sync()
    expect(status).not.toBe(0)
    expect(stderr).toMatch(
      /^E_ROOT repo: .* is not a directory of its own \(a link or file is in its place\); remove it; generation 1 is still served$/m,
    )
    expect(await listing(elsewhere)).toEqual(before)
    expect(await mirrored.sync()).toMatchObject({ status })
    expect(await listing(elsewhere)).toEqual(before)
  },
)

test('a link in place of a package is not followed when the package changes or goes', async () => {
  await using mirrored = await published({ retain: 0 })
  const { site, tree, dir } = mirrored
  const precious = site.path('precious')
  await writeFile(precious, 'x')
  const { mtimeMs, mode } = statSync(precious)
  await mkdir(join(tree, 'Packages/g'))
  for (const path of [alpha, 'Packages/g/gamma-1.0-1.x86_64.rpm']) {
    await rm(join(tree, path), { force: true })
    await symlink(precious, join(tree, path))
  }
  await makeRepository(dir, [{ name: 'beta' }, { name: 'gamma' }])
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await mirrored.check()).problems).toEqual([])
  await mirrored.sync()
  expect(await readFile(precious, 'utf8')).toBe('x')
  expect(statSync(precious)).toMatchObject({ mtimeMs, mode })
})
