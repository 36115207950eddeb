import {
  chmodSync,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeMirrored } from '../cli/mirrored.ts'
import { flipBit, told } from '../lifecycle/verify/verifying.ts'
import { listing } from '../sync/faults/listing.ts'
import { holding, problemsIn, verifyAndRepair } from './repairing.ts'

const packages = ['alpha', 'beta', 'gamma'].map((name) => ({ name }))
const alpha = 'Packages/a/alpha-1.0-1.x86_64.rpm'
const beta = 'Packages/b/beta-1.0-1.x86_64.rpm'

/** A site whose repository `one` is published; what its upstream is asked for counts from here. */
async function published(repos: Parameters<typeof makeMirrored>[0] = { one: packages }) {
  const mirrored = await makeMirrored(repos)
  expect(await mirrored.mirror('sync')).toMatchObject({ status: 0 })
  mirrored.upstream.requests.length = 0
  const tree = mirrored.site.path('root/one')
  const metadata = (type: string) =>
    join('repodata', readdirSync(join(tree, 'repodata')).find((name) => name.includes(type)) as string)
  const asked = () => mirrored.upstream.requests.map(({ path }) => path).filter((path) => !path.includes('repodata/'))
  return { ...mirrored, tree, at: (file: string) => join(tree, file), metadata, asked }
}

describe('F8: what is damaged is put right', () => {
  test('from the upstream, each file for itself, with new inodes; a reader who has begun keeps the old one', async () => {
    await using site = await published()
    const before = await listing(site.tree)
    flipBit(site.at(alpha), 77)
    truncateSync(site.at(beta), 5)
    const inode = statSync(site.at(alpha)).ino
    const { before: found, done, after } = await verifyAndRepair(site)
    expect(found.found.map(({ kind }) => kind).sort()).toEqual(['rot', 'size'])
    expect([done.mended.length, done.withdrawn, done.left, done.reasons]).toEqual([2, [], [], []])
    expect(after.found).toEqual([])
    expect(await listing(site.tree)).toEqual(before)
    expect(statSync(site.at(alpha)).ino).not.toBe(inode)
    expect(site.asked().sort()).toEqual([`/one/${alpha}`, `/one/${beta}`])
  })

  test('from another published file with the right content, without the upstream', async () => {
    await using site = await published()
    const before = await listing(site.tree)
    await site.upstream.close()
    copyFileSync(site.at(alpha), site.at('copy'))
    renameSync(site.at('copy'), site.at(alpha))
    const pooled = await holding(site, (state) => Promise.resolve(state.pool.folder))
    for (const shard of readdirSync(pooled))
      for (const name of readdirSync(join(pooled, shard)))
        if (readFileSync(join(pooled, shard, name)).equals(readFileSync(site.at(alpha))))
          flipBit(join(pooled, shard, name), 5)
    const { before: found, done, after } = await verifyAndRepair(site)
    expect(found.found.map(({ kind }) => kind).sort()).toEqual(['copy', 'rot'])
    expect(done).toMatchObject({ mended: [{ from: site.at(alpha) }], withdrawn: [], left: [] })
    expect(after.found).toEqual([])
    expect(await listing(site.tree)).toEqual(before)
  })

  test('where names are gone, other files, or links: they are links to the pool again, and nothing is followed', async () => {
    await using site = await published()
    const before = await listing(site.tree)
    const precious = site.site.path('precious')
    writeFileSync(precious, 'x')
    rmSync(site.at(alpha))
    rmSync(site.at(beta))
    symlinkSync(precious, site.at(beta))
    rmSync(site.at('repodata'), { recursive: true })
    const { done, after } = await verifyAndRepair(site)
    expect([done.left, done.reasons, after.found]).toEqual([[], [], []])
    expect(await listing(site.tree)).toEqual(before)
    expect(readFileSync(precious, 'utf8')).toBe('x')
    expect(site.asked()).toEqual([])
  })

  test('in metadata that was made here, by a sync that makes it again', async () => {
    await using site = await published()
    const before = await listing(site.tree)
    flipBit(site.at(site.metadata('primary')), 999)
    flipBit(site.at(site.metadata('other')), 999)
    const { done, after } = await verifyAndRepair(site)
    expect([done.withdrawn, done.left, after.found]).toEqual([[], [], []])
    expect(await listing(site.tree)).toEqual(before)
  })

  test('in repomd.xml, which another one takes the place of', async () => {
    await using site = await published()
    flipBit(site.at('repodata/repomd.xml'), 999)
    const { done } = await verifyAndRepair(site)
    expect([done.left, done.withdrawn]).toEqual([[], []])
    expect(await problemsIn(site, 'one')).toEqual([])
  })

  test('in every place where the content is published', async () => {
    await using site = await published({ one: packages, two: [{ name: 'alpha' }] })
    flipBit(site.at(alpha), 3)
    const { before, done, after } = await verifyAndRepair(site)
    expect(before.found).toMatchObject([{ kind: 'rot', names: 2 }])
    expect([done.mended.length, after.found]).toEqual([1, []])
    expect(await problemsIn(site, 'one', 'two')).toEqual([])
  })

  test('50 flipped bits of 60 files, with sizes and times as they were: all found and healed', async () => {
    const many = Array.from({ length: 60 }, (_, i) => ({ name: `p${i}`, size: 3000 + i }))
    await using site = await published({ one: many })
    const before = await listing(site.tree)
    const files = readdirSync(site.at('Packages/p')).map((name) => site.at(join('Packages/p', name)))
    for (const [i, file] of files.slice(0, 50).entries()) flipBit(file, i * 421)
    const { before: found, after } = await verifyAndRepair(site)
    expect(found.found.filter(({ kind }) => kind === 'rot')).toHaveLength(50)
    expect(after.found).toEqual([])
    expect(await listing(site.tree)).toEqual(before)
  }, 120_000)

  test('F9: modes, but not of an inode that others have links to', async () => {
    await using site = await published()
    const foreign = site.site.path('foreign.rpm')
    linkSync(site.at(beta), foreign)
    for (const file of [alpha, beta]) chmodSync(site.at(file), 0o600)
    chmodSync(site.at('Packages/a'), 0o700)
    const { before, after } = await verifyAndRepair(site)
    expect(before.found.map(({ kind }) => kind)).toEqual(['mode', 'mode', 'mode'])
    expect(after.found).toEqual([])
    expect(statSync(foreign).mode & 0o777).toBe(0o600)
    expect(statSync(site.at(beta)).ino).not.toBe(statSync(foreign).ino)
  })
})

describe('what neither another file nor the upstream has', () => {
  test('is published no more: what is left is whole, and the next sync brings it back', async () => {
    await using site = await published()
    flipBit(site.at(beta), 4)
    site.upstream.rules.push({ path: /beta/, fault: { kind: 'status', status: 404 } })
    const { done, after } = await verifyAndRepair(site)
    expect(done).toMatchObject({ mended: [], withdrawn: [`one/${beta}`], left: [] })
    expect(done.reasons).toEqual([expect.stringMatching(/^one: Cannot fetch beta.* 404 /)])
    expect(after.found.map(({ kind }) => kind)).toEqual(['withdrawn'])
    expect(await problemsIn(site, 'one')).toEqual([])
    const { stdout } = await site.mirror('status', '--check')
    expect(stdout).toMatch(
      /^MIRROR CRITICAL .*\none: .*E_DAMAGED one: published without what was damaged: Packages\/b\/beta/s,
    )
    site.upstream.rules.length = 0
    expect(await site.mirror('sync')).toMatchObject({ status: 0, stdout: expect.stringMatching(/ generation 3\n/) })
    expect(await problemsIn(site, 'one')).toEqual([])
    expect(readFileSync(site.at(beta))).toEqual(readFileSync(site.site.path('upstream/one', beta)))
  })

  test('goes though the upstream does not answer at all', async () => {
    await using site = await published()
    await site.upstream.close()
    for (const file of [alpha, beta]) rmSync(site.at(file))
    for (const file of [alpha, beta]) flipPooled(site.site.path('state/pool'), site.site.path('upstream/one', file))
    const { done } = await verifyAndRepair(site)
    expect(done.withdrawn.sort()).toEqual([`one/${alpha}`, `one/${beta}`])
    expect(await problemsIn(site, 'one')).toEqual([])
  })

  test('goes from older generations without another one', async () => {
    await using site = await published()
    await site.offer('one', [{ name: 'beta' }, { name: 'gamma' }])
    await site.mirror('sync')
    flipBit(site.at(alpha), 6)
    const { done, after } = await verifyAndRepair(site)
    expect([done.withdrawn, done.left]).toEqual([[], []])
    expect(told(after.found, site.site as never)).toEqual([`withdrawn one/${alpha}`])
    expect(await site.mirror('status', '--json')).toMatchObject({ stdout: expect.stringContaining('"number": 2') })
  })

  test('is told where nothing can be published without it', async () => {
    await using site = await published()
    await site.upstream.close()
    flipBit(site.at(site.metadata('primary')), 9)
    const { done } = await verifyAndRepair(site)
    expect(done.left).toMatchObject([{ kind: 'missing', repo: 'one' }])
    expect(done.reasons).toContainEqual('one: it cannot be published without what is lost: that is primary')
  })
})

/** Flips a bit of the pool's file that has the content of another. */
function flipPooled(pool: string, file: string): void {
  const bytes = readFileSync(file)
  for (const shard of readdirSync(pool))
    for (const name of readdirSync(join(pool, shard)))
      if (readFileSync(join(pool, shard, name)).equals(bytes)) flipBit(join(pool, shard, name), 1)
}
