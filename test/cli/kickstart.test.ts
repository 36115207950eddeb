import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { images, makeKickstart } from '../helpers/kickstart.ts'
import { makeMirrored } from './mirrored.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))
const tree = { defaults: { retries: 1, retry_delay: 0, kickstart: 'yes' } }

test('a kickstart tree that was synced is served where installers look for it', async () => {
  await using mirrored = await makeMirrored({ os: packages }, { listen: '127.0.0.1:0', ...tree })
  const dir = mirrored.site.path('upstream/os')
  await makeKickstart(dir, { ...images, '.discinfo': '1700000000.0\nTest 9\nx86_64\nALL\n' })
  expect(await mirrored.mirror('sync')).toMatchObject({ status: 0 })
  await using server = mirrored.start('serve')
  const [url] = await server.says(/http:\/\/[\d.:]+/)
  for (const path of ['.treeinfo', '.discinfo', ...Object.keys(images)]) {
    const response = await fetch(`${url}/os/${path}`)
    expect([path, response.status]).toEqual([path, 200])
    expect(Buffer.from(await response.arrayBuffer()).equals(readFileSync(join(dir, path)))).toBe(true)
  }
})

test('what is published without files that the upstream lacks exits with 4, and status names them', async () => {
  await using mirrored = await makeMirrored({ os: packages }, { defaults: { ...tree.defaults, on_missing: 'prune' } })
  await makeKickstart(mirrored.site.path('upstream/os'), images, { named: ['images/lost.img'] })
  rmSync(mirrored.site.path('upstream/os/Packages/b/beta-1.0-1.x86_64.rpm'))
  const { status, stderr, stdout } = await mirrored.mirror('sync')
  expect([status, stdout]).toEqual([4, expect.stringMatching(/generation 1, 2 left out/)])
  expect(stderr).toMatch(/the upstream names 2 files and does not have them, they are left out: .*beta-1\.0-1\.x86_64/)
  const said = JSON.parse((await mirrored.mirror('status', '--json')).stdout)
  expect(said.repos[0].lastRun.message).toMatch(
    /^published, but 2 files are left out: the upstream lacks .*images\/lost\.img/,
  )
  expect((await mirrored.mirror('sync')).status).toBe(4)
})
