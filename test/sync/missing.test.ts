import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { images, makeKickstart } from '../helpers/kickstart.ts'
import { type Syncing, startSyncing } from './syncing.ts'
import { treeOf } from './tree/mirroring.ts'

const specs = ['alpha', 'beta', 'gamma'].map((name) => ({ name }))
const prune = { on_missing: 'prune' }
const lost = (syncing: Syncing, name: string) =>
  rmSync(join(syncing.dir, `Packages/${name[0]}/${name}-1.0-1.x86_64.rpm`))

describe('an upstream that names files and does not have them', () => {
  test('is not published, and every missing file is named', async () => {
    await using syncing = await startSyncing(specs)
    for (const name of ['alpha', 'gamma']) lost(syncing, name)
    await expect(syncing.run()).rejects.toMatchObject({
      code: 'E_HTTP',
      message: expect.stringMatching(
        /(alpha|gamma)-1.0-1.x86_64 from .*404 \(not found\); 1 other files failed too: (alpha|gamma)-1/,
      ),
    })
  })

  test('is told of packages, records and images at once', async () => {
    await using syncing = await startSyncing(specs, {
      records: [{ type: 'group', name: 'comps.xml', body: '<comps/>' }],
    })
    await makeKickstart(syncing.dir, images, { named: ['images/lost.img'] })
    lost(syncing, 'beta')
    syncing.upstream.rules.push({ path: /comps/, fault: { kind: 'status', status: 404 } })
    const error: unknown = await syncing.run({ kickstart: 'yes' }).catch((e) => e)
    const { message } = error as Error
    for (const name of ['group', 'beta-1.0-1.x86_64', 'images/lost.img'])
      expect(message).toContain(`Cannot fetch ${name}`)
  })

  test('is published without them where that is asked for, and looked at again by every run', async () => {
    await using syncing = await startSyncing(specs)
    lost(syncing, 'beta')
    const missing = ['beta-1.0-1.x86_64']
    expect(await syncing.run(prune)).toMatchObject({ result: 'published', packages: 2, added: 2, missing, until: 0 })
    const hrefs = ['Packages/a/alpha-1.0-1.x86_64.rpm', 'Packages/g/gamma-1.0-1.x86_64.rpm']
    expect(await syncing.check()).toEqual({ problems: [], hrefs })
    expect(syncing.notices).toEqual([
      'warn: the upstream names 1 files and does not have them, they are left out: beta-1.0-1.x86_64',
    ])
    expect(await syncing.run(prune)).toMatchObject({ result: 'unchanged', generation: 1, missing })
  })

  test('is whole again once it has them', async () => {
    await using syncing = await startSyncing(specs)
    lost(syncing, 'beta')
    await syncing.run(prune)
    await syncing.offer(specs, { revision: '1700000000' })
    expect(await syncing.run(prune)).toMatchObject({
      result: 'published',
      generation: 2,
      packages: 3,
      added: 1,
      missing: [],
    })
    expect((await syncing.check()).problems).toEqual([])
    expect(await syncing.run(prune)).toBeUndefined()
  })

  test('keeps a package that was published before, which the pool has', async () => {
    await using syncing = await startSyncing(specs)
    await syncing.run(prune)
    lost(syncing, 'beta')
    await syncing.offer([...specs, { name: 'delta' }], {
      clean: false,
      removeFiles: ['Packages/b/beta-1.0-1.x86_64.rpm'],
    })
    expect(await syncing.run(prune)).toMatchObject({ packages: 4, added: 1, removed: 0, missing: [] })
  })

  test('that has moved on meanwhile is planned anew in place of being pruned', async () => {
    await using syncing = await startSyncing(specs)
    const next = specs.map((spec) => ({ ...spec, version: '2.0' }))
    const before = { kind: 'hook', before: () => syncing.offer(next) } as const
    syncing.upstream.rules.push({ path: /beta-1/, times: 1, fault: before })
    expect(await syncing.run(prune)).toMatchObject({ result: 'published', generation: 1, packages: 3, missing: [] })
    expect((await syncing.check()).hrefs[1]).toBe('Packages/b/beta-2.0-1.x86_64.rpm')
  })

  test('is held where it lacks most of its packages, until that is accepted', async () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ name: `p${i}` }))
    await using syncing = await startSyncing(many)
    for (const { name } of many.slice(0, 20)) lost(syncing, name)
    const message = expect.stringContaining(
      'the upstream lacks 20 of the 40 packages that it names, more than max_shrink=30%; held',
    )
    await expect(syncing.run(prune)).rejects.toMatchObject({ code: 'E_SHRINK', message })
    const accepted = await syncing.run(prune, { acceptShrink: true })
    expect(accepted).toMatchObject({ packages: 20, missing: { length: 20 } })
    expect((await syncing.check()).problems).toEqual([])
  })

  test('is not pruned of what one of its places has not and another, which is down, may have', async () => {
    await using syncing = await startSyncing(specs)
    lost(syncing, 'beta')
    const baseurl = ['down/', ''].map((folder) => syncing.upstream.url + folder)
    syncing.upstream.rules.push({ path: /^\/down/, fault: { kind: 'status', status: 403 } })
    await expect(syncing.run({ ...prune, baseurl })).rejects.toMatchObject({ message: expect.stringContaining('404') })
    syncing.upstream.rules[0]!.fault = { kind: 'status', status: 404 }
    expect(await syncing.run({ ...prune, baseurl })).toMatchObject({ packages: 2, missing: ['beta-1.0-1.x86_64'] })
  })

  test('fails as ever where a package is there and broken', async () => {
    await using syncing = await startSyncing(specs)
    lost(syncing, 'beta')
    syncing.upstream.rules.push({ path: /alpha/, fault: { kind: 'status', status: 403 } })
    await expect(syncing.run(prune)).rejects.toMatchObject({ message: expect.stringContaining('403') })
  })
})

describe('other files than packages that are missing and pruned', () => {
  test('are a record that is not one of the three documents', async () => {
    const records = ['group', 'x-own'].map((type) => ({ type, name: `${type}.xml`, body: `<${type}/>` }))
    await using syncing = await startSyncing(specs, { records })
    syncing.upstream.rules.push({ path: /group/, fault: { kind: 'status', status: 404 } })
    expect(await syncing.run(prune)).toMatchObject({ packages: 3, missing: ['group'] })
    const repomd = parseRepomd(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
    expect(repomd.records.map(({ type }) => type)).toEqual(['primary', 'filelists', 'other', 'x-own'])
  })

  test('are images and extra files; the treeinfo stays as it is', async () => {
    await using syncing = await startSyncing(specs)
    await makeKickstart(syncing.dir, images, { named: ['images/lost.img'] })
    const settings = { ...prune, kickstart: 'yes', extra_files: ['EULA'] }
    const missing = ['EULA (extra_files)', expect.stringMatching(/^images\/lost\.img \(\.treeinfo, line \d+\)$/)]
    const result = await syncing.run(settings)
    expect(result?.missing.sort()).toEqual(missing)
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })

  test('are none of the three documents, without which nothing is published', async () => {
    await using syncing = await startSyncing(specs)
    syncing.upstream.rules.push({ path: /filelists/, fault: { kind: 'status', status: 404 } })
    await expect(syncing.run(prune)).rejects.toMatchObject({
      message: expect.stringContaining('Cannot fetch filelists'),
    })
  })
})
