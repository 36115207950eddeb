import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type CheckReport, checkTree } from '../../helpers/checker.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { type MirroredSite, mirroredSite } from './mirroredSite.ts'

const retainMs = 4000

function packages(version: number): PackageSpec[] {
  return [{ name: 'stable' }, ...['alpha', 'beta'].map((name) => ({ name, version: `${version}.0` }))]
}

/** Reads the tree as a client that still has an earlier repomd.xml. */
async function checkWith(repomd: Buffer, { site, tree }: MirroredSite): Promise<CheckReport> {
  const view = site.path(`view-${performance.now()}`)
  await mkdir(join(view, 'repodata'), { recursive: true })
  await symlink(join(tree, 'Packages'), join(view, 'Packages'))
  for (const name of await readdir(join(tree, 'repodata')))
    if (name !== 'repomd.xml') await symlink(join(tree, 'repodata', name), join(view, 'repodata', name))
  await writeFile(join(view, 'repodata/repomd.xml'), repomd)
  return checkTree(view)
}

test('files that only earlier generations name go after `retain`, and never before', async () => {
  await using mirrored = await mirroredSite({ retain: retainMs / 1000 })
  const old: Buffer[] = []
  let superseded = 0
  for (const version of [1, 2, 3]) {
    await makeRepository(mirrored.dir, packages(version), { clean: true })
    superseded = Date.now()
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    old.push(await readFile(join(mirrored.tree, 'repodata/repomd.xml')))
  }
  const published = Date.now()
  const [, second] = old as [Buffer, Buffer, Buffer]
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const { problems, packages: seen } = await checkWith(second, mirrored)
  // On a machine that took longer than that to come here there is nothing to be seen.
  if (Date.now() < superseded + retainMs) {
    expect(problems).toEqual([])
    expect(seen.map(({ nevra }) => nevra)).toContain('alpha-0:2.0-1.x86_64')
  }
  await sleep(Math.max(0, published + retainMs + 1000 - Date.now()))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect((await checkWith(second, mirrored)).problems).not.toEqual([])
  expect((await mirrored.check()).problems).toEqual([])
  const rpms = (await readdir(mirrored.tree, { recursive: true })).filter((path) => path.endsWith('.rpm')).sort()
  expect(rpms).toEqual(
    ['alpha-3.0', 'beta-3.0', 'stable-1.0'].map((name) => `Packages/${name[0]}/${name}-1.x86_64.rpm`),
  )
  expect(await readdir(join(mirrored.tree, 'repodata'))).toHaveLength(4)
})

test('with a long `retain` every generation stays whole', async () => {
  await using mirrored = await mirroredSite({ retain: '72h' })
  const old: Buffer[] = []
  for (const version of [1, 2, 3, 4, 5]) {
    await makeRepository(mirrored.dir, packages(version), { clean: true })
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    old.push(await readFile(join(mirrored.tree, 'repodata/repomd.xml')))
  }
  for (const [at, repomd] of old.entries()) {
    const { problems, packages } = await checkWith(repomd, mirrored)
    expect(problems).toEqual([])
    expect(packages.map(({ nevra }) => nevra)).toContain(`alpha-0:${at + 1}.0-1.x86_64`)
  }
})

/** Drops beta upstream and says which packages are listed then. */
async function listedAfterDrop(mirrored: MirroredSite): Promise<string[]> {
  await makeRepository(mirrored.dir, [{ name: 'alpha' }, { name: 'beta' }])
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await makeRepository(mirrored.dir, [{ name: 'alpha' }], { clean: true })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  return await listed(mirrored)
}

async function listed(mirrored: MirroredSite): Promise<string[]> {
  const { problems, packages } = await mirrored.check()
  expect(problems).toEqual([])
  return packages.map(({ nevra }) => nevra.replace(/-0:.*/, ''))
}

test('removed: drop takes out at once what the upstream has dropped', async () => {
  await using mirrored = await mirroredSite({ removed: 'drop' })
  expect(await listedAfterDrop(mirrored)).toEqual(['alpha'])
})

test('removed: keep keeps it for ever, and --delete drops it', async () => {
  await using mirrored = await mirroredSite({ removed: 'keep' })
  expect(await listedAfterDrop(mirrored)).toEqual(['alpha', 'beta'])
  await makeRepository(mirrored.dir, [{ name: 'alpha' }, { name: 'gamma' }], { clean: true })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await listed(mirrored)).toEqual(['alpha', 'gamma', 'beta'])
  expect(await mirrored.sync('--delete')).toMatchObject({ status: 0 })
  expect(await listed(mirrored)).toEqual(['alpha', 'gamma'])
})

test('removed: keep with a time keeps it that long, though the upstream does not change', async () => {
  await using mirrored = await mirroredSite({ removed: `keep ${retainMs / 1000}s` })
  const dropped = Date.now()
  expect(await listedAfterDrop(mirrored)).toEqual(['alpha', 'beta'])
  const known = Date.now()
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const still = await listed(mirrored)
  if (Date.now() < dropped + retainMs) expect(still).toEqual(['alpha', 'beta'])
  await sleep(known + retainMs + 500 - Date.now())
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await listed(mirrored)).toEqual(['alpha'])
})
