import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { askGpgv, makeGnupg } from '../helpers/gpg.ts'
import { judge } from '../helpers/judges.ts'
import { makeRepository } from '../helpers/repository.ts'
import { makeInstallation } from './running.ts'

const alpha = [{ name: 'alpha' }]
const both = [{ name: 'alpha' }, { name: 'beta' }]

test('M12 an upstream that goes back is held by the daemon until mirror sync --accept-rollback asks it', async () => {
  await using installed = await makeInstallation({ one: alpha })
  await using daemon = await installed.start()
  expect(await installed.mirror('sync', 'one')).toMatchObject({ status: 0 })
  const dir = installed.site.path('upstream', 'one')
  await makeRepository(dir, both, { clean: true, revision: '1600000000' })
  const held = await installed.mirror('sync', 'one')
  expect(held.status).toBe(1)
  expect(held.stderr).toMatch(
    /E_ROLLBACK one: Cannot take the repomd.xml of http:\S+: it is older than what the upstream had: revision 1600000000, 1700000000 was taken before; held: run with --accept-rollback if the upstream has really gone back; generation 1 is still served/,
  )
  expect(await (await fetch(`${daemon.url}one/repodata/repomd.xml`)).text()).toContain(
    '<revision>1700000000</revision>',
  )
  expect(await installed.mirror('sync', 'one', '--accept-rollback')).toMatchObject({ status: 0 })
  expect(await installed.mirror('sync', 'one')).toMatchObject({ status: 0 })
})

test.skipIf(!judge('gpg', 'gpgv'))(
  'M11 the daemon refuses what is not signed, keeps serving what was, and signs what it makes in its workers',
  async () => {
    await using installed = await makeInstallation({ one: alpha })
    const { site } = installed
    using gnupg = makeGnupg(site.dir)
    const owner = gnupg.key('Owner', 'ed25519')
    gnupg.key('Mirror', 'ed25519')
    const [gpgkey, sign] = [site.path('owner.asc'), site.path('sign.key')]
    writeFileSync(gpgkey, gnupg.publicKeys('owner@example.org'))
    writeFileSync(sign, gnupg.privateKey('mirror@example.org'))
    chmodSync(sign, 0o600)
    const repomd = site.path('upstream', 'one', 'repodata/repomd.xml')
    const signUpstream = () => writeFileSync(`${repomd}.asc`, gnupg.sign('owner@example.org', readFileSync(repomd)))
    signUpstream()
    await installed.configure({ repos: { one: { repo_gpgcheck: true, gpgkey, fingerprints: [owner], sign } } })
    await using daemon = await installed.start()
    expect(await installed.mirror('sync', 'one')).toMatchObject({ status: 0 })
    const served = async (name: string) =>
      Buffer.from(await (await fetch(`${daemon.url}one/repodata/${name}`)).arrayBuffer())
    const before = await served('repomd.xml')
    const key = gnupg.run(['--dearmor'], await served('repomd.xml.key'))
    expect(askGpgv(site.dir, key, await served('repomd.xml.asc'), before).good).toBe(true)
    expect(await (await fetch(`${daemon.url}one/one.repo`)).text()).toContain(
      `gpgkey=${daemon.url}one/repodata/repomd.xml.key ${daemon.url}one/gpgkeys/owner.asc\nrepo_gpgcheck=1\n`,
    )

    await installed.offer('one', both)
    rmSync(`${repomd}.asc`, { force: true })
    const refused = await installed.mirror('sync', 'one')
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(
      /E_SIG one: Cannot fetch http:\S+repomd.xml: the upstream has no repomd.xml.asc beside it, and repo_gpgcheck asks for one; generation 1 is still served/,
    )
    expect(await served('repomd.xml')).toEqual(before)
    const { stdout } = await installed.mirror('status')
    expect(stdout).toContain(`OpenPGP ${owner.slice(-16)}`)

    signUpstream()
    expect(await installed.mirror('sync', 'one')).toMatchObject({ status: 0 })
    expect(await served('repomd.xml')).not.toEqual(before)
    expect(readFileSync(join(site.root, 'one/gpgkeys/owner.asc'))).toEqual(readFileSync(gpgkey))
  },
)
