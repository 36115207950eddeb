import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { type Gnupg, makeGnupg } from '../../helpers/gpg.ts'
import { judge } from '../../helpers/judges.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../../helpers/repository.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../../helpers/temporary.ts'
import { startUpstream } from '../../helpers/upstream.ts'
import { startListing } from '../mirrored/listing.ts'

let folder: TemporaryFolder
let gnupg: Gnupg
let trusting: object

beforeAll(async () => {
  if (!judge('gpg')) return
  folder = await makeTemporaryFolder()
  gnupg = makeGnupg(folder.path)
  for (const user of ['Owner', 'Stranger']) gnupg.key(user, 'ed25519')
  const key = join(folder.path, 'key.asc')
  writeFileSync(key, gnupg.publicKeys('Owner'))
  trusting = { repo_gpgcheck: 'yes', gpgkey: key }
}, 60_000)

afterAll(async () => {
  gnupg?.[Symbol.dispose]()
  await folder?.[Symbol.asyncDispose]()
})

function sign(dir: string, user = 'Owner'): void {
  const repomd = join(dir, 'repodata/repomd.xml')
  writeFileSync(`${repomd}.asc`, gnupg.sign(user, readFileSync(repomd)))
}

describe.skipIf(!judge('gpg'))('repo_gpgcheck: yes, where there is more than one place', () => {
  test.each(['metalink', 'mirrorlist'] as const)('is of each mirror that a %s names', async (kind) => {
    await using listing = await startListing(kind, 2, trusting)
    const [liar, good] = [listing.mirrors[0]!, listing.mirrors[1]!]
    const offer = async (specs: PackageSpec[], user: string) => {
      await listing.offer(specs)
      sign(liar.dir, user)
      sign(good.dir)
      if (kind === 'metalink') await listing.metalink()
    }
    await offer([{ name: 'alpha' }], 'Owner')
    expect(await listing.sync()).toMatchObject({ status: 0 })
    const { stdout } = await runMirror(['status', '--json', '-c', listing.site.configFile])
    expect(JSON.parse(stdout).repos[0].generation).toMatchObject({ trust: 'OpenPGP', chain: [{ root: 'OpenPGP' }] })

    // One mirror has what the stranger signed: the other one is asked.
    await offer([{ name: 'alpha' }, { name: 'beta' }], 'Stranger')
    expect(await listing.sync()).toMatchObject({ status: 0 })
    const published = await listing.check()
    expect(published).toMatchObject({ problems: [], hrefs: { length: 2 } })

    await offer([{ name: 'alpha' }, { name: 'gamma' }], 'Stranger')
    sign(good.dir, 'Stranger')
    const { status, stderr } = await listing.sync()
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^E_SIG repo: .*unknown key/m),
    })
    expect(await listing.check()).toEqual(published)
  })

  test('is of each upstream of a merge', async () => {
    await using site = await makeSite()
    await using upstream = await startUpstream(site.path('upstream'))
    const dir = (id: string) => site.path('upstream', id)
    const offer = async (id: string, specs: PackageSpec[], user?: string) => {
      await makeRepository(dir(id), specs, { clean: true })
      if (user !== undefined) sign(dir(id), user)
    }
    await offer('os', [{ name: 'alpha' }], 'Owner')
    await offer('updates', [{ name: 'beta' }], 'Owner')
    const merge = ['os', 'updates'].map((id) => `${upstream.url}${id}/`)
    await site.writeConfig({ defaults: { retries: 1, retry_delay: 0 }, repos: { all: { merge, ...trusting } } })
    const sync = () => runMirror(['sync', '-c', site.configFile])
    expect(await sync()).toMatchObject({ status: 0 })
    const before = await checkTree(site.path('root/all'))
    expect([before.problems, before.packages.length]).toEqual([[], 2])

    for (const [user, said] of [
      [undefined, /repomd\.xml\.asc/],
      ['Stranger', /unknown key/],
    ] as const) {
      await offer('updates', [{ name: 'beta' }, { name: 'evil' }], user)
      const { status, stderr } = await sync()
      expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringMatching(/^E_SIG all: .*updates\//m) })
      expect(stderr).toMatch(said)
      expect(await checkTree(site.path('root/all'))).toEqual(before)
    }
  })
})
