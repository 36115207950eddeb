import { expect, test } from 'vitest'
import type { Repo } from '../../src/config/repo.ts'
import type { Generation } from '../../src/store/generations.ts'
import { guardShrink } from '../../src/sync/guard.ts'
import { startSyncing } from './syncing.ts'

test.each([
  ['nothing was published before', undefined, 0, 30],
  ['it grew', 100, 200, 30],
  ['it stands still', 100, 100, 0],
  ['it lost fewer than 20, be that all of them', 19, 0, 0],
  ['it lost just the share that it may', 100, 70, 30],
  ['it may lose everything', 1000, 0, 100],
])('an upstream is followed where %s', (_, before, packages, maxShrinkPercent) => {
  expect(() => guardShrink(generation(before), packages, repo(maxShrinkPercent))).not.toThrow()
})

test.each([
  ['more than its share', 100, 69, 30],
  ['all of its 20 packages', 20, 0, 30],
  ['20 packages where it may lose none', 100_000, 99_980, 0],
  ['nearly all', 70_000, 2, 99],
])('an upstream is held where it lost %s', (_, before, packages, percent) => {
  const message = `the upstream went from ${before} packages to ${packages}, more than max_shrink=${percent}% fewer; held: run with --accept-shrink if that is intended`
  const held = expect.objectContaining({ code: 'E_SHRINK', message })
  expect(() => guardShrink(generation(before), packages, repo(percent))).toThrow(held)
})

test('a held upstream leaves what is published, until the loss is accepted', async () => {
  const names = Array.from({ length: 30 }, (_, i) => ({ name: `package${i}` }))
  await using syncing = await startSyncing(names)
  await syncing.run({ newest_only: true })
  await syncing.offer(names.slice(0, 5))
  await expect(syncing.run({ newest_only: true })).rejects.toMatchObject({ code: 'E_SHRINK' })
  expect((await syncing.check()).hrefs).toHaveLength(30)
  expect(await syncing.run({ newest_only: true }, { acceptShrink: true })).toMatchObject({ packages: 5, removed: 25 })
  expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 5 } })
})

test('what counts is what the upstream lists, not what is selected of it', async () => {
  const names = Array.from({ length: 30 }, (_, i) => ({ name: `package${i}` }))
  await using syncing = await startSyncing(names)
  await syncing.run()
  expect(await syncing.run({ includepkgs: 'package1' })).toMatchObject({ result: 'published', packages: 1 })
})

function generation(upstreamPackages: number | undefined): Generation | undefined {
  return upstreamPackages === undefined ? undefined : ({ upstreamPackages } as Generation)
}

function repo(maxShrinkPercent: number): Repo {
  return { maxShrinkPercent } as Repo
}
