import { mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { images, makeKickstart, type TreeFiles } from '../helpers/kickstart.ts'
import { treeOf } from '../sync/tree/mirroring.ts'
import { type Lifecycle, openLifecycle } from './lifecycle.ts'

const settings = { channels: ['dev'], defaults: { retain: 0 }, repos: { one: { kickstart: 'yes' } } }

/** Gives the upstream a package and a tree of that version, and syncs it. */
async function publishTree(life: Lifecycle, version: string, files: TreeFiles): Promise<TreeFiles> {
  await life.publish('one', [{ name: 'alpha', version }])
  await makeKickstart(life.site.path('upstream', 'one'), files)
  await life.sync('one')
  return treeOf(life.at('one/os'))
}

const later = { ...images, 'images/pxeboot/vmlinuz': 'another kernel '.repeat(500), 'images/more.img': 'more' }

describe('a kickstart tree', () => {
  test('stays in a snapshot and in a channel as it was, whatever the repository and the sweep do', async () => {
    await using life = await openLifecycle(['one'], settings)
    const first = await publishTree(life, '1', images)
    expect(Object.keys(first)).toEqual(['.treeinfo', ...Object.keys(images).sort()])
    await life.operate('snapshot-create', { name: 'monday' })
    await life.operate('promote', { to: 'dev' })
    const second = await publishTree(life, '2', later)
    await life.operate('gc', {})
    expect([second['images/more.img'], second['images/pxeboot/vmlinuz']]).toEqual([
      'more',
      later['images/pxeboot/vmlinuz'],
    ])
    for (const path of ['snapshots/monday/one/os', 'dev/one/os']) {
      expect(treeOf(life.at(path))).toEqual(first)
      expect((await life.check(path)).problems).toEqual([])
      expect(statSync(life.at(`${path}/images/boot.iso`)).ino).toBe(statSync(life.at('one/os/images/boot.iso')).ino)
    }
    await life.operate('promote', { to: 'dev' })
    expect(treeOf(life.at('dev/one/os'))).toEqual(second)
    expect(treeOf(life.at('snapshots/monday/one/os'))).toEqual(first)
  })

  test('comes back with a rollback, and with a promotion that fails', async () => {
    await using life = await openLifecycle(['one'], { ...settings, defaults: { retain: '1h' } })
    const first = await publishTree(life, '1', images)
    await life.operate('promote', { to: 'dev' })
    const second = await publishTree(life, '2', later)
    const obstacle = life.at('dev/one/os/repodata/.repomd.xml.new')
    mkdirSync(obstacle)
    expect((await life.operate('promote', { to: 'dev' })).repos).toMatchObject([{ error: { code: 'E_IO' } }])
    expect(treeOf(life.at('dev/one/os'))).toEqual(first)
    rmdirSync(obstacle)
    await life.operate('promote', { to: 'dev' })
    expect(treeOf(life.at('dev/one/os'))).toEqual(second)
    await life.operate('rollback', { repo: 'one', channel: 'dev', to: 1 })
    expect(treeOf(life.at('dev/one/os'))).toMatchObject(first)
    expect(readFileSync(life.at('dev/one/os/.treeinfo'), 'utf8')).toBe(first['.treeinfo'])
    expect((await life.check('dev/one/os')).problems).toEqual([])
  })
})
