import { expect, test } from 'vitest'
import { makeRepository } from '../helpers/repository.ts'
import { makeMirrored } from './mirrored.ts'

test('upstream’s metadata without digests in its names exits with 4 each time, and status says why', async () => {
  await using mirrored = await makeMirrored(
    { os: [] },
    { defaults: { retries: 1, retry_delay: 0, metadata: 'upstream' } },
  )
  await makeRepository(mirrored.site.path('upstream/os'), [{ name: 'alpha' }], { simpleNames: true, clean: true })
  const first = await mirrored.mirror('sync')
  expect([first.status, first.stdout]).toEqual([4, expect.stringContaining('generation 1, degraded: unhashed names')])
  const { status, stdout } = await mirrored.mirror('sync', '--json')
  expect([status, JSON.parse(stdout).repos[0]]).toEqual([
    4,
    expect.objectContaining({ result: 'unchanged', degraded: 'unhashed names' }),
  ])
  const said = JSON.parse((await mirrored.mirror('status', '--json')).stdout)
  expect(said.repos[0].lastRun.message).toMatch(/^unchanged, degraded: unhashed names: .*repodata\/primary\.xml\.gz/)
})
