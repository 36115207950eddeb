import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../../src/lifecycle/sweep.ts'
import { images, makeKickstart } from '../../helpers/kickstart.ts'
import { damaged } from '../../helpers/upstream.ts'
import { startSyncing } from '../syncing.ts'
import { askedFor, startWithTree, treeOf, whole } from './mirroring.ts'

const newer = { ...images, 'images/boot.iso': 'boot of another day '.repeat(100) }

describe('a kickstart tree', () => {
  test('is mirrored byte for byte, with what no document names', async () => {
    const rest = { '.discinfo': '1700000000.0\nTest 9\nx86_64\nALL\n', 'media.repo': '[InstallMedia]\nname=Test 9\n' }
    await using syncing = await startWithTree({ ...images, ...rest })
    expect(await syncing.run(whole)).toMatchObject({ result: 'published', packages: 1, missing: [] })
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    expect((await syncing.check()).problems).toEqual([])
  })

  test('is not asked for by default', async () => {
    await using syncing = await startWithTree()
    await syncing.run()
    expect([askedFor(syncing), treeOf(syncing.tree)]).toEqual([['repodata/repomd.xml 200'], {}])
  })

  test('with auto is mirrored where there is one, and found to be none by two requests', async () => {
    await using syncing = await startSyncing([{ name: 'alpha' }])
    const auto = { kickstart: 'auto' }
    expect(await syncing.run(auto)).toMatchObject({ result: 'published' })
    askedFor(syncing)
    expect(await syncing.run(auto)).toBeUndefined()
    expect(askedFor(syncing)).toEqual(['repodata/repomd.xml 304', '.treeinfo 404', 'treeinfo 404'])
    await makeKickstart(syncing.dir, images, { name: 'treeinfo' })
    expect(await syncing.run(auto)).toMatchObject({ result: 'published', generation: 2, added: 0, removed: 0 })
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })

  test('with auto goes where the upstream loses it, which is told', async () => {
    await using syncing = await startWithTree()
    const auto = { kickstart: 'auto' }
    await syncing.run(auto)
    rmSync(join(syncing.dir, '.treeinfo'))
    expect(await syncing.run(auto)).toMatchObject({ result: 'published', generation: 2 })
    expect(syncing.notices).toEqual([
      'warn: the upstream has no treeinfo any more; its kickstart tree goes from here after retain',
    ])
    expect(await syncing.run(auto)).toBeUndefined()
  })

  test('that must be there and is not is an error', async () => {
    await using syncing = await startSyncing([{ name: 'alpha' }])
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_HTTP',
      message: expect.stringContaining('has neither .treeinfo nor treeinfo, and kickstart: yes asks for one'),
    })
  })

  test('that is unchanged costs one conditional request more', async () => {
    await using syncing = await startWithTree()
    await syncing.run(whole)
    const before = statSync(join(syncing.tree, '.treeinfo'))
    askedFor(syncing)
    expect(await syncing.run(whole)).toBeUndefined()
    expect(askedFor(syncing)).toEqual(['repodata/repomd.xml 304', '.treeinfo 304'])
    expect(statSync(join(syncing.tree, '.treeinfo')).ctimeMs).toBe(before.ctimeMs)
  })

  test('is found unchanged where the server knows no conditions, too', async () => {
    await using syncing = await startWithTree()
    const bare = { kind: 'headers', set: { ETag: null, 'Last-Modified': null } } as const
    syncing.upstream.rules.push({ path: /./, fault: bare })
    await syncing.run(whole)
    askedFor(syncing)
    expect(await syncing.run(whole)).toBeUndefined()
    expect(askedFor(syncing)).toEqual(['repodata/repomd.xml 200', '.treeinfo 200'])
  })

  test('that has changed is another generation, though repomd.xml is the same', async () => {
    await using syncing = await startWithTree()
    await syncing.run(whole)
    await makeKickstart(syncing.dir, newer)
    askedFor(syncing)
    expect(await syncing.run(whole)).toMatchObject({ result: 'published', generation: 2, added: 0, removed: 0 })
    expect(askedFor(syncing).filter((path) => path.startsWith('images'))).toEqual(['images/boot.iso 200'])
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    expect(await syncing.run(whole)).toBeUndefined()
    sweep(syncing.state, new Map([['base', 0]]))
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })

  test('has the deleted image again after the next run, without a request for it', async () => {
    await using syncing = await startWithTree()
    await syncing.run(whole)
    rmSync(join(syncing.tree, 'images/install.img'))
    askedFor(syncing)
    expect(await syncing.run(whole)).toMatchObject({ result: 'unchanged', generation: 1 })
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    expect(askedFor(syncing).filter((path) => path.startsWith('images'))).toEqual([])
  })

  test('goes after its time where it is no longer wanted', async () => {
    await using syncing = await startWithTree()
    await syncing.run(whole)
    expect(await syncing.run({ kickstart: 'no' })).toMatchObject({ result: 'published', generation: 2 })
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    sweep(syncing.state, new Map([['base', 0]]))
    expect(treeOf(syncing.tree)).toEqual({})
  })

  test('names its files anew when it moves while it is read', async () => {
    await using syncing = await startWithTree()
    const before = { kind: 'hook', before: () => makeKickstart(syncing.dir, newer) } as const
    syncing.upstream.rules.push({ path: 'images/boot.iso', times: 1, fault: before })
    expect(await syncing.run(whole)).toMatchObject({ result: 'published', generation: 1 })
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    expect(syncing.notices).toEqual(['info: the upstream changed meanwhile; planning again'])
  })

  test('may have a treeinfo of packages of other trees, which are not asked for', async () => {
    const lines = ['[variant-AppStream]', 'packages = ../../AppStream/os/Packages', 'repository = ../../AppStream/os']
    await using syncing = await startWithTree(images, { lines })
    await syncing.run(whole)
    expect(askedFor(syncing).filter((path) => path.includes('AppStream'))).toEqual([])
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })
})

describe('a file of a tree', () => {
  test('with another checksum than stated ends the run, which names it and the place', async () => {
    await using syncing = await startWithTree()
    syncing.upstream.rules.push({ path: 'images/boot.iso', fault: { kind: 'replace', body: damaged } })
    const message =
      /^Cannot fetch images\/boot\.iso \(\.treeinfo, line 5\) from http.*boot\.iso: sha256 expected \w+\.\.\., found/
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_CHECKSUM',
      message: expect.stringMatching(message),
    })
    expect(treeOf(syncing.site.root)).toEqual({ '.mirror': expect.anything() })
  })

  test('that is not there ends the run, and all of those are named', async () => {
    await using syncing = await startWithTree(images, { named: ['images/one.img', 'images/two.img'] })
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_HTTP',
      message: expect.stringMatching(/images\/(one|two)\.img .*404.* 1 other files failed too: images\/(one|two)\.img/),
    })
  })

  test('outside of the tree is refused before anything is fetched', async () => {
    await using syncing = await startWithTree(images, { named: ['../secret'] })
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_PATH',
      message: expect.stringMatching(
        /^Cannot sync from http.*: \.treeinfo, line \d+: "\.\.\/secret" is refused: it leads out/,
      ),
    })
    expect(askedFor(syncing).filter((path) => path.includes('images'))).toEqual([])
  })

  test('that is to be a folder of others is refused', async () => {
    await using syncing = await startWithTree(images, { named: [], lines: ['[images-xen]', 'kernel = images/pxeboot'] })
    syncing.upstream.rules.push({ path: 'images/pxeboot', fault: { kind: 'replace', body: 'x' } })
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_PATH',
      message: expect.stringContaining('images/pxeboot is to be a file'),
    })
  })

  test('is resumed where a run was stopped within it', async () => {
    await using syncing = await startWithTree()
    const stop = new AbortController()
    const long = { ...images, 'images/install.img': 'stage2 '.repeat(300_000) }
    await makeKickstart(syncing.dir, long)
    syncing.upstream.rules.push({ path: 'images/install.img', fault: { kind: 'stall', after: 1_500_000 } })
    const run = syncing.run(whole, { signal: stop.signal, connections: () => 1 })
    setTimeout(() => stop.abort(new Error('stopped')), 1000)
    await expect(run).rejects.toThrow('stopped')
    syncing.upstream.rules.length = 0
    askedFor(syncing)
    await syncing.run(whole)
    expect(askedFor(syncing)).toContain('images/install.img 206')
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })

  test('that only a weak checksum vouches for is refused, unless it may', async () => {
    await using syncing = await startWithTree(images, {
      unstated: Object.keys(images),
      lines: ['[checksums]', `images/boot.iso = md5:${'0'.repeat(32)}`],
    })
    await expect(syncing.run(whole)).rejects.toMatchObject({
      code: 'E_WEAK_HASH',
      message: expect.stringContaining('images/boot.iso: only md5'),
    })
    await expect(syncing.run({ ...whole, weak_digests: 'yes' })).rejects.toMatchObject({ code: 'E_CHECKSUM' })
  })
})

describe('a file that nothing vouches for', () => {
  const open = { unstated: Object.keys(images) }

  test('is taken as it is, and asked for again on the condition that it has changed', async () => {
    await using syncing = await startWithTree(images, open)
    await syncing.run(whole)
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
    await syncing.offer([{ name: 'beta' }], { clean: false })
    await makeKickstart(syncing.dir, newer, open)
    askedFor(syncing)
    await syncing.run(whole)
    expect(
      askedFor(syncing)
        .filter((path) => path.startsWith('images'))
        .sort(),
    ).toEqual([
      'images/boot.iso 200',
      'images/install.img 304',
      'images/pxeboot/initrd.img 304',
      'images/pxeboot/vmlinuz 304',
    ])
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })

  test('keeps its link where a server without validators sends it again', async () => {
    await using syncing = await startWithTree(images, open)
    syncing.upstream.rules.push({
      path: /images/,
      fault: { kind: 'headers', set: { ETag: null, 'Last-Modified': null } },
    })
    await syncing.run(whole)
    const before = statSync(join(syncing.tree, 'images/boot.iso')).ctimeMs
    await syncing.offer([{ name: 'beta' }], { clean: false })
    await syncing.run(whole)
    expect(statSync(join(syncing.tree, 'images/boot.iso')).ctimeMs).toBe(before)
  })

  test('that is cut short is no file', async () => {
    await using syncing = await startWithTree(images, open)
    syncing.upstream.rules.push({ path: 'images/boot.iso', fault: { kind: 'truncate', after: 100 } })
    await expect(syncing.run(whole)).rejects.toMatchObject({ code: 'E_TRUNCATED' })
    syncing.upstream.rules.length = 0
    await syncing.run(whole)
    expect(treeOf(syncing.tree)).toEqual(treeOf(syncing.dir))
  })
})
