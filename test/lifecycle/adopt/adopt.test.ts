import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ownPackages } from '../../../src/lifecycle/adopt/own.ts'
import { withdraw } from '../../../src/lifecycle/verify/withdraw.ts'
import { findRepo } from '../../../src/store/generations.ts'
import { memberRows } from '../../../src/store/members.ts'
import { openState } from '../../../src/store/state.ts'
import { checkTree } from '../../helpers/checker.ts'
import { askGpgv, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { layOutRpm, makeRpm } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { published, startAdopting } from './adopting.ts'

const packages = {
  'Packages/a/almanac-1.0-1.x86_64.rpm': { name: 'almanac', arch: 'x86_64' },
  'Packages/f/foghorn-1.0-1.noarch.rpm': { name: 'foghorn', arch: 'noarch' },
}
const isRoot = process.getuid?.() === 0

describe.skipIf(!judge('createrepo_c'))('a tree that other programs made', () => {
  test('goes into the pool, so that the next sync fetches no package', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo()
    expect((await adopting.adopt()).answer).toMatchObject({ packages: 2, known: 0, left: 0, published: null })
    expect(await adopting.sync()).toBe(0)
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
    expect((await adopting.adopt()).answer).toMatchObject({ packages: 2, known: 2, bytes: 0 })
  })

  test('does so though the upstream names packages by another digest', async () => {
    await using adopting = await startAdopting(packages)
    execFileSync('createrepo_c', ['-q', '--checksum', 'sha512', adopting.site.path('upstream')])
    adopting.createrepo('--checksum', 'sha512')
    expect((await adopting.adopt()).answer).toMatchObject({ packages: 2 })
    expect(await adopting.sync()).toBe(0)
  })

  test('is not published where signatures are asked for, which only a sync checks', async () => {
    await using adopting = await startAdopting(packages, { gpgcheck: 'yes', gpgkey: 'https://127.0.0.1:1/key' })
    adopting.createrepo()
    expect((await adopting.adopt({ as: 'base' })).answer).toBe(
      'E_USAGE: base asks for signatures (gpgcheck), which adopting does not check; leave --as out and run mirror sync base, which checks what it takes up',
    )
    expect(readdirSync(adopting.site.root)).toEqual(['.mirror'])
    expect((await adopting.adopt()).answer).toMatchObject({ packages: 2, published: null })
  })

  test('is published as it is, byte for byte, where its metadata fits', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo()
    const { answer, notices } = await adopting.adopt({ as: 'base' })
    expect({ answer, notices }).toMatchObject({
      answer: { packages: 2, published: { generation: 1, result: 'published', packages: 2 } },
      notices: [],
    })
    execFileSync('diff', ['-r', adopting.old, published(adopting.site)])
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
    expect((await adopting.adopt({ as: 'base' })).answer).toMatchObject({
      known: 2,
      published: { generation: 1, result: 'unchanged' },
    })
    expect(await adopting.sync()).toBe(0)
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
  })

  test('is what clients see until the next sync, which has what upstream has though that is as it was', async () => {
    await using adopting = await startAdopting(packages)
    await adopting.sync()
    const before = (await checkTree(published(adopting.site))).packages.map(({ nevra }) => nevra)
    await adopting.put('more-1-1.noarch.rpm', { name: 'more', version: '1', release: '1', arch: 'noarch' })
    adopting.createrepo()
    expect((await adopting.adopt({ as: 'base' })).answer).toMatchObject({ published: { generation: 2, packages: 3 } })
    await adopting.sync()
    const { problems, packages: now } = await checkTree(published(adopting.site))
    expect([problems, now.map(({ nevra }) => nevra).sort()]).toEqual([[], before.sort()])
  })

  test.skipIf(!judge('gpg', 'gpgv'))('is signed where what is synced is, and only when it has changed', async () => {
    await using folder = await makeTemporaryFolder()
    using gnupg = makeGnupg(folder.path)
    gnupg.key('Mirror', 'ed25519')
    const sign = join(folder.path, 'sign.key')
    writeFileSync(sign, gnupg.privateKey('mirror@example.org'), { mode: 0o600 })
    await using adopting = await startAdopting(packages, { sign })
    adopting.createrepo()
    expect((await adopting.adopt({ as: 'base' })).answer).toMatchObject({ published: { generation: 1 } })
    const read = (name: string) => readFileSync(join(published(adopting.site), 'repodata', name))
    const key = gnupg.run(['--dearmor'], read('repomd.xml.key'))
    const [signature, repomd] = [read('repomd.xml.asc'), read('repomd.xml')]
    expect(askGpgv(folder.path, key, signature, repomd)).toMatchObject({ good: true })
    const again = await adopting.adopt({ as: 'base' })
    expect(again.answer).toMatchObject({ published: { generation: 1, result: 'unchanged' } })
    expect(read('repomd.xml.asc')).toEqual(signature)
  })
  test('with metadata by other digests can be published without a package that is lost', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo('--repomd-checksum', 'sha512')
    expect((await adopting.adopt({ as: 'base' })).answer).toMatchObject({ published: { packages: 2 } })
    const state = openState(adopting.site, 'a test')
    try {
      const repo = findRepo(state.database, 'base') as number
      const lost = [...memberRows(state.database, repo).current()].find(({ kind }) => kind === 'package')!
      expect(await withdraw(state, { repo, path: 'base' }, new Set([lost.sha256]))).toMatchObject({ packages: 1 })
    } finally {
      state.close()
    }
    const { problems, packages: left } = await checkTree(published(adopting.site))
    expect([problems, left.length]).toEqual([[], 1])
  })

  test('is published with new metadata where it has none, or one that does not fit', async () => {
    await using adopting = await startAdopting(packages)
    expect((await adopting.adopt({ as: 'base' })).answer).toMatchObject({ published: { generation: 1, packages: 2 } })
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
    writeFileSync(adopting.site.path('comps.xml'), '<comps><group><id>g</id><name>G</name></group></comps>')
    adopting.createrepo('-g', adopting.site.path('comps.xml'))
    await adopting.put('lantern-1.0-1.x86_64.rpm', { name: 'lantern', arch: 'x86_64' })
    const { answer, notices } = await adopting.adopt({ as: 'base' })
    expect(answer).toMatchObject({ packages: 3, published: { generation: 2, packages: 3 } })
    expect(notices).toEqual([
      `the repodata of ${adopting.old} does not fit (it lists 2 of 3 packages); it is made anew`,
    ])
    const repomd = readFileSync(join(published(adopting.site), 'repodata/repomd.xml'), 'utf8')
    expect(repomd).toContain('<data type="group">')
    const { problems, packages: seen } = await checkTree(published(adopting.site))
    expect({ problems, count: seen.length }).toEqual({ problems: [], count: 3 })
  })

  test('is never believed: what a package is called, dated or digested by says nothing', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo()
    const file = join(adopting.old, 'Packages/a/almanac-1.0-1.x86_64.rpm')
    const bytes = makeRpm({ name: 'almanac', arch: 'x86_64', version: '6.6' })
    const { mtime } = statSync(file)
    writeFileSync(file, bytes)
    execFileSync('touch', ['-d', mtime.toISOString(), file])
    const { answer, notices } = await adopting.adopt({ as: 'base' })
    expect(answer).toMatchObject({ packages: 2, published: { generation: 1 } })
    expect(notices).toEqual([
      expect.stringMatching(
        /^the repodata of .* does not fit \(package almanac of primary: .*: (sha256|size) expected .*\); it is made anew$/,
      ),
    ])
    expect(await adopting.sync()).toBe(1)
  })

  test('leaves what is broken or no package, and names it', async () => {
    await using adopting = await startAdopting(packages)
    const cut = layOutRpm({ name: 'cut', arch: 'x86_64' }).bytes.subarray(0, 200)
    const { bytes: flipped, parts } = layOutRpm({ name: 'flipped', arch: 'x86_64' })
    flipped[parts.main[1] - 3]! ^= 1
    await adopting.put('cut.rpm', cut)
    await adopting.put('flipped.rpm', flipped)
    await adopting.put('text.rpm', Buffer.from('no package'))
    await adopting.put('README.txt', Buffer.from('mine'))
    symlinkSync('/nowhere', join(adopting.old, 'link.rpm'))
    const { answer, notices } = await adopting.adopt({ as: 'base' })
    expect(answer).toMatchObject({ packages: 2, left: 4, foreign: 1, published: { packages: 2 } })
    expect(notices.sort()).toEqual([
      `${adopting.old}/README.txt is not taken: it is no package`,
      expect.stringMatching(/\/cut\.rpm is not taken: it is cut off: /),
      expect.stringMatching(/\/flipped\.rpm is not taken: main header: /),
      expect.stringMatching(/\/link\.rpm is not taken: a symbolic link that leads nowhere$/),
      expect.stringMatching(/\/text\.rpm is not taken: .*/),
    ])
    const { problems, packages: seen } = await checkTree(published(adopting.site))
    expect({ problems, count: seen.length }).toEqual({ problems: [], count: 2 })
  })

  test('can be a folder of links, as mrepo makes it', async () => {
    await using adopting = await startAdopting(packages)
    mkdirSync(adopting.site.path('www'))
    symlinkSync(adopting.old, adopting.site.path('www/RPMS.os'))
    const { answer } = await adopting.adopt({ folder: adopting.site.path('www'), as: 'base' })
    expect(answer).toMatchObject({ packages: 2, left: 0, published: { packages: 2 } })
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
  })

  test('that is no folder, or is to be published where nothing is configured, is told', async () => {
    await using adopting = await startAdopting(packages)
    const nowhere = adopting.site.path('nowhere')
    expect((await adopting.adopt({ folder: nowhere })).answer).toBe(
      `E_USAGE: ${nowhere} is no folder; name one that holds packages`,
    )
    expect((await adopting.adopt({ as: 'other' })).answer).toBe(
      `E_USAGE: no repository other in ${adopting.site.configFile}; it has base`,
    )
  })
})

describe.skipIf(!judge('createrepo_c'))('copies', () => {
  test('are inodes of our own: who writes to the tree changes nothing that is published', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo()
    await adopting.adopt({ as: 'base' })
    const file = 'Packages/a/almanac-1.0-1.x86_64.rpm'
    expect(statSync(join(adopting.old, file)).ino).not.toBe(statSync(join(published(adopting.site), file)).ino)
    writeFileSync(join(adopting.old, file), 'changed')
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
    expect(statSync(join(published(adopting.site), file)).mtimeMs).toBe(1_650_000_000_000)
  })
})

describe.skipIf(!judge('createrepo_c'))('--take', () => {
  test('links what belongs to us, and lets nobody else write to it', async () => {
    await using adopting = await startAdopting(packages)
    adopting.createrepo()
    const file = 'Packages/a/almanac-1.0-1.x86_64.rpm'
    chmodSync(join(adopting.old, file), 0o666)
    const { answer } = await adopting.adopt({ as: 'base', take: true })
    expect(answer).toMatchObject({ packages: 2, left: 0 })
    const [before, after] = [statSync(join(adopting.old, file)), statSync(join(published(adopting.site), file))]
    expect({ same: before.ino === after.ino, mode: before.mode & 0o777 }).toEqual({ same: true, mode: 0o644 })
    expect((await checkTree(published(adopting.site))).problems).toEqual([])
    expect((await adopting.adopt({ as: 'base', take: true })).answer).toMatchObject({ known: 2 })
  })

  test.skipIf(!isRoot)('leaves what belongs to somebody else, and says who can give it', async () => {
    await using adopting = await startAdopting(packages)
    const file = join(adopting.old, 'Packages/a/almanac-1.0-1.x86_64.rpm')
    chownSync(file, 65534, 65534)
    const { answer, notices } = await adopting.adopt({ take: true })
    expect(answer).toMatchObject({ packages: 1, left: 1 })
    expect(notices).toEqual([`${file} is not taken: it belongs to uid 65534; run mirror adopt --take as root`])
  })
})

test('nothing is left behind in tmp/', async () => {
  await using adopting = await startAdopting(packages)
  await adopting.adopt({ as: 'base' })
  expect(readdirSync(join(adopting.site.state, 'tmp'))).toEqual(['left'])
})

test.runIf(isRoot && judge('createrepo_c'))(
  'root gives packages away, and nothing that only looks like one or lies elsewhere',
  async () => {
    await using adopting = await startAdopting(packages)
    const own = join(adopting.old, 'Packages/a/almanac-1.0-1.x86_64.rpm')
    const secret = adopting.site.path('secret.rpm')
    writeFileSync(secret, makeRpm({ name: 'secret' }))
    writeFileSync(join(adopting.old, 'text.rpm'), 'no package')
    symlinkSync(secret, join(adopting.old, 'link.rpm'))
    mkdirSync(adopting.site.path('elsewhere'))
    writeFileSync(adopting.site.path('elsewhere/x.rpm'), makeRpm({ name: 'x' }))
    symlinkSync(adopting.site.path('elsewhere'), join(adopting.old, 'more'))
    expect(ownPackages(adopting.old, { uid: 4711, gid: 4712 })).toBe(2)
    expect(statSync(own)).toMatchObject({ uid: 4711, gid: 4712 })
    for (const file of [secret, join(adopting.old, 'text.rpm'), adopting.site.path('elsewhere/x.rpm')])
      expect(statSync(file).uid).toBe(0)
  },
)
