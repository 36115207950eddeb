import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeMirrored } from '../cli/mirrored.ts'
import { flipBit } from '../lifecycle/verify/verifying.ts'
import { problemsIn, verifyAndRepair } from './repairing.ts'

const packages = ['alpha', 'beta', 'gamma'].map((name) => ({ name }))
const beta = 'Packages/b/beta-1.0-1.x86_64.rpm'

test('what only a channel still shows and nobody has any more is withdrawn from it, and its generations say so', async () => {
  await using mirrored = await makeMirrored({ one: packages }, { channels: ['dev'] })
  const { site } = mirrored
  expect(await mirrored.mirror('sync')).toMatchObject({ status: 0 })
  expect(await mirrored.mirror('promote', '--to', 'dev')).toMatchObject({ status: 0 })
  await mirrored.offer('one', [{ name: 'alpha' }, { name: 'gamma' }])
  expect(await mirrored.mirror('sync')).toMatchObject({ status: 0 })
  flipBit(join(site.root, 'dev/one', beta), 3)
  const { done } = await verifyAndRepair(mirrored)
  expect([done.withdrawn, done.left]).toEqual([[`dev/one/${beta}`], []])
  expect(done.reasons).toEqual([expect.stringMatching(/^one: Cannot fetch .*beta.* 404 /)])
  expect(await problemsIn(mirrored, 'one', 'dev/one')).toEqual([])
  const { stdout } = await mirrored.mirror('status', '--generations')
  const time = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d'
  const line = (...cells: string[]) => new RegExp(`^${cells.join(' +')} *$`, 'm')
  const size = ['1\\.4', 'kB']
  expect(stdout).toMatch(
    line('dev:one', '2', 'current', time, '-', '2', ...size, '0', '1', 'none', '\\d+', 'verify --repair'),
  )
  expect(stdout).toMatch(line('dev:one', '1', 'published', time, time, '3', '.*', 'promote of one 1 by \\S+'))
  expect(await mirrored.mirror('rollback', 'one', '--channel', 'dev')).toMatchObject({
    status: 1,
    stderr: `E_DAMAGED: generation 1 of dev/one names ${beta}, damaged and lost; name another generation, or sync once the upstream has it again\n`,
  })
  expect(await mirrored.mirror('rollback', 'one')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^E_DAMAGED: generation 1 of one names .*\n$/),
  })
  expect(await mirrored.mirror('promote', '--to', 'dev')).toMatchObject({ status: 0 })
  expect(await problemsIn(mirrored, 'one', 'dev/one')).toEqual([])
})
