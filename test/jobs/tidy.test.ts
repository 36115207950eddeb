import { expect, test } from 'vitest'
import { findRepo, generations } from '../../src/store/generations.ts'
import { openLifecycle } from '../lifecycle/lifecycle.ts'

const channels = ['dev']
/** So many packages, from a number on. */
const packages = (count: number, from = 0) => Array.from({ length: count }, (_, i) => ({ name: `p${i + from}` }))
const gc = { dryRun: false, all: true, acceptDeletions: false }

/** The generations that are retained at a path. */
const retained = ({ state }: Awaited<ReturnType<typeof openLifecycle>>, path: string) =>
  generations(state.database, findRepo(state.database, path) as number).map(({ number }) => number)

test('retain_generations of a repository holds in channels, too', async () => {
  await using life = await openLifecycle(['one'], { channels, repos: { one: { retain: 0, retain_generations: 1 } } })
  for (const round of [1, 2, 3]) {
    await life.publish('one', packages(1, round))
    await life.operate('promote', { to: 'dev' })
  }
  await life.operate('gc', gc)
  expect(retained(life, 'dev/one/os')).toEqual([2, 3])
  expect(retained(life, 'one/os')).toEqual([2, 3])
  expect((await life.check('dev/one/os')).problems).toEqual([])
})

test('max_delete of a repository holds in channels, too', async () => {
  await using life = await openLifecycle(['one'], {
    channels,
    repos: { one: { retain: 0, max_delete: '2', max_shrink: '100%' } },
  })
  await life.publish('one', packages(4))
  await life.operate('promote', { to: 'dev' })
  await life.publish('one', packages(1))
  await life.operate('promote', { to: 'dev' })
  const held = [
    { path: 'one/os', files: 3, of: 4 },
    { path: 'dev/one/os', files: 3, of: 4 },
  ]
  expect(await life.operate('gc', gc)).toMatchObject({ files: 0, held })
  expect(retained(life, 'dev/one/os')).toEqual([1, 2])
  expect(await life.operate('gc', { ...gc, acceptDeletions: true })).not.toHaveProperty('held')
  expect(retained(life, 'dev/one/os')).toEqual([2])
  expect((await life.check('dev/one/os')).problems).toEqual([])
})
