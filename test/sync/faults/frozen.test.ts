import { expect, test } from 'vitest'
import { runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { mirroredSite } from './mirroredSite.ts'

const day = 24 * 60 * 60

test('M13: an upstream that stands still for too long is told to be stale, and what it gave is served on', async () => {
  await using mirrored = await mirroredSite({ stale_after: '7d' })
  const { site } = mirrored
  const revision = String(Math.floor(Date.now() / 1000) - 8 * day)
  await makeRepository(mirrored.dir, [{ name: 'alpha' }], { revision })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const before = await mirrored.check()
  expect(before).toMatchObject({ problems: [], packages: [{ nevra: 'alpha-0:1.0-1.x86_64' }] })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  expect(await mirrored.check()).toEqual(before)
  const told = await runMirror(['status', '--check', '-c', site.configFile])
  expect(told).toMatchObject({
    status: 1,
    stdout: expect.stringContaining("repo: the upstream's metadata is 8 d old, stale_after is 7 d"),
  })
})
