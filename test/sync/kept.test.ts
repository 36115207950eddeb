import { describe, expect, test } from 'vitest'
import { type Syncing, startSyncing } from './syncing.ts'

const alpha = { name: 'alpha' }
const beta = { name: 'beta', epoch: '1', files: ['/usr/bin/beta', '/usr/share/doc/beta'] }
const day = 86_400_000
const hrefs = { alpha: 'Packages/a/alpha-1.0-1.x86_64.rpm', beta: 'Packages/b/beta-1.0-1.x86_64.rpm' }

describe('a package that the upstream has dropped', () => {
  test('goes, by default', async () => {
    await using syncing = await startSyncing([alpha, beta])
    await syncing.run()
    await syncing.offer([alpha])
    expect(await syncing.run()).toMatchObject({ packages: 1, removed: 1 })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [hrefs.alpha] })
  })

  test('stays for ever where that is asked for, with all that is said of it', async () => {
    await using syncing = await startSyncing([alpha, beta])
    await syncing.run({ removed: 'keep' })
    await syncing.offer([alpha])
    expect(await syncing.run({ removed: 'keep' })).toMatchObject({ packages: 2, removed: 0, until: undefined })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [hrefs.alpha, hrefs.beta] })
    await syncing.offer([alpha, { name: 'gamma' }])
    expect(await syncing.run({ removed: 'keep' })).toMatchObject({ packages: 3 })
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 3 } })
  })

  test('stays for so long, and goes by itself then', async () => {
    await using syncing = await startSyncing([alpha, beta])
    const settings = { removed: 'keep 90d' }
    await syncing.run(settings)
    await syncing.offer([alpha])
    const before = Date.now()
    const { until } = (await syncing.run(settings))!
    expect(until).toBeGreaterThanOrEqual(before + 90 * day)
    expect(until).toBeLessThanOrEqual(Date.now() + 90 * day)
    expect(await syncing.run(settings)).toBeUndefined()
    letPass(syncing, 89)
    expect(await syncing.run(settings)).toBeUndefined()
    letPass(syncing, 1.1)
    expect(await syncing.run(settings)).toMatchObject({
      result: 'published',
      packages: 1,
      removed: 1,
      until: undefined,
    })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [hrefs.alpha] })
  })

  test('is counted from when it was dropped, whatever is published meanwhile', async () => {
    await using syncing = await startSyncing([alpha, beta])
    const settings = { removed: 'keep 90d' }
    await syncing.run(settings)
    await syncing.offer([alpha])
    const first = await syncing.run(settings)
    await syncing.offer([alpha, { name: 'gamma' }])
    expect((await syncing.run(settings))?.until).toBe(first?.until)
  })

  test('is dropped no more when it comes back', async () => {
    await using syncing = await startSyncing([alpha, beta])
    const settings = { removed: 'keep 90d' }
    await syncing.run(settings)
    await syncing.offer([alpha])
    await syncing.run(settings)
    await syncing.offer([alpha, beta])
    expect(await syncing.run(settings)).toMatchObject({ packages: 2, added: 0, removed: 0, until: undefined })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [hrefs.alpha, hrefs.beta] })
  })

  test('is not fetched again when the upstream has it no more', async () => {
    await using syncing = await startSyncing([alpha, beta])
    await syncing.run({ removed: 'keep' })
    await syncing.offer([alpha])
    syncing.upstream.requests.length = 0
    await syncing.run({ removed: 'keep' })
    expect(syncing.upstream.requests.filter(({ path }) => path.endsWith('.rpm'))).toEqual([])
  })

  test('goes when it is no longer selected', async () => {
    await using syncing = await startSyncing([alpha, beta])
    await syncing.run({ removed: 'keep' })
    await syncing.offer([alpha])
    await syncing.run({ removed: 'keep', excludepkgs: 'beta' })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: [hrefs.alpha] })
  })

  test('goes when its keeping is over by configuration', async () => {
    await using syncing = await startSyncing([alpha, beta])
    await syncing.run({ removed: 'keep' })
    await syncing.offer([alpha])
    await syncing.run({ removed: 'keep' })
    expect(await syncing.run()).toMatchObject({ packages: 1, removed: 1 })
  })
})

test('another build of the same version is no dropped package', async () => {
  await using syncing = await startSyncing([alpha, beta])
  await syncing.run({ removed: 'keep' })
  await syncing.offer([alpha, { ...beta, buildTime: 1_700_001_000 }])
  expect(await syncing.run({ removed: 'keep' })).toMatchObject({ packages: 2, added: 1, removed: 1 })
  expect((await syncing.check()).problems).toEqual([])
})

test('an older version that newest_only passes over is no dropped package', async () => {
  await using syncing = await startSyncing([alpha])
  await syncing.run({ removed: 'keep', newest_only: true })
  await syncing.offer([alpha, { ...alpha, version: '2.0' }])
  expect(await syncing.run({ removed: 'keep', newest_only: true })).toMatchObject({ packages: 1 })
})

/** Makes everything that is remembered so many days older. */
function letPass({ state }: Syncing, days: number): void {
  const ms = Math.round(days * day)
  state.database.exec(`UPDATE member SET dropped = dropped - ${ms}; UPDATE look SET until = until - ${ms}`)
}
