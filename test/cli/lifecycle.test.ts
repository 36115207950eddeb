import { userInfo } from 'node:os'
import { expect, test } from 'vitest'
import { makeInstallation, until } from '../daemon/running.ts'

const { username } = userInfo()

test('channels, snapshots and rollback on the command line, here and with a daemon', async () => {
  const channels = { dev: { follow: 'yes' }, prod: {} }
  await using installed = await makeInstallation({ one: [{ name: 'alpha' }] }, { channels })
  const mirror = (...args: string[]) => installed.mirror(...args)
  expect((await mirror('sync')).status).toBe(0)
  // The sync's own process has filled what follows.
  const dev = await mirror('status', '--generations')
  expect(dev.stdout).toMatch(/\ndev:one +1 +current .* promote of one 1 by follow\n/)
  const promoted = await mirror('promote', '--to', 'prod')
  expect(promoted).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/\none +dev\/one +1 +prod\/one +1 +1 +0 +published\n$/),
  })
  await using daemon = await installed.start()
  expect(await mirror('snapshot', 'create', 'first')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('snapshots/first/one'),
  })
  expect((await mirror('snapshot', 'list')).stdout).toMatch(
    new RegExp(`\nfirst .* ${username} +snapshots/first/one +one +1 `),
  )
  await installed.offer('one', [{ name: 'alpha', version: '2' }])
  expect((await mirror('sync')).status).toBe(0)
  const shown = async () => (await mirror('status', '--generations', '--json')).stdout
  await until(async () => /"path": "dev\/one",\s+"number": 2,/.test(await shown()))
  expect(await mirror('rollback', 'one')).toMatchObject({
    status: 0,
    stdout: 'one shows generation 1 again, as 3; its syncs wait for mirror release one\n',
  })
  expect((await mirror('sync')).stdout).toMatch(/unchanged, held at generation 3\n$/)
  expect((await mirror('status')).stdout).toContain(`held at generation 3 by ${username}`)
  expect((await mirror('release', 'one')).stdout).toBe('one is released; its next sync brings it up to date\n')
  expect((await mirror('history')).stdout).toContain(`rollback by ${username}: one 3 is one 1`)
  for (const path of ['prod/one/one.repo', 'snapshots/first/one/one.repo']) {
    const text = await (await fetch(`${daemon.url}${path}`)).text()
    expect(text).toContain(`baseurl=${daemon.url}${path.replace('one.repo', '')}\n`)
  }
  expect((await fetch(`${daemon.url}snapshots/second/one/one.repo`)).status).toBe(404)
  expect((await mirror('repofile', '--channel', 'prod')).stdout).toContain('name=one (prod)\n')
  expect((await mirror('repofile', '--snapshot', 'none')).stderr).toContain('E_USAGE: there is no snapshot none;')
}, 240_000)
