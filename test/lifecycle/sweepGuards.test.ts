import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Keeping } from '../../src/lifecycle/sweep/guard.ts'
import { heldDeletions, sweep } from '../../src/lifecycle/sweep.ts'
import type { State } from '../../src/store/state.ts'
import { type Files, filesOf, path, publishFiles, recorded } from '../publish/publishing.ts'
import { addContent, openNewState } from '../store/opened.ts'

const now = new Map([[path, 0]])
const day = 25 * 3_600_000

/** So many packages, from a number on. */
function packages(count: number, from = 0): Files {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`Packages/p${i + from}.rpm`, `text ${i + from}`]))
}

function keeping(one: Partial<Keeping>): { keeping: ReadonlyMap<string, Keeping> } {
  return { keeping: new Map([[path, { generations: 0, maxDelete: undefined, ...one }]]) }
}

describe('the guard of deletions', () => {
  test('holds what is more than 30 % and 20 packages of a tree, tells it, and lets it go when it is told to', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, packages(60), 'r1')
    await publishFiles(state, packages(30), 'r2')
    const before = filesOf(state)
    const held = [{ path, files: 30, of: 60 }]
    expect(sweep(state, now, Date.now(), { dryRun: true })).toMatchObject({ files: 0, held })
    expect(sweep(state, now)).toMatchObject({ files: 0, held })
    expect([filesOf(state), recorded(state)]).toEqual([before, ['1 published', '2 published']])
    expect(heldDeletions(state.database)).toEqual(held)
    expect(sweep(state, now, Date.now(), { acceptDeletions: true })).toMatchObject({ files: 30 })
    expect([recorded(state), heldDeletions(state.database)]).toEqual([['2 published'], []])
  })

  test('lets fewer go, by percentage and by number, and all where there is none', async () => {
    for (const [left, maxDelete, files] of [
      [42, { percent: 30 }, 18],
      [41, { percent: 30 }, 19],
      [38, { percent: 50 }, 22],
      [55, { files: 4 }, 0],
      [55, { files: 5 }, 5],
      [1, undefined, 59],
    ] as const) {
      await using opened = await openNewState()
      const { state } = opened
      await publishFiles(state, packages(60), 'r1')
      await publishFiles(state, packages(left), 'r2')
      expect(sweep(state, now, Date.now(), keeping({ maxDelete })).files).toBe(files)
    }
  })
})

test('so many generations before the current one stay, however old they are', async () => {
  await using opened = await openNewState()
  const { state } = opened
  for (const round of [1, 2, 3, 4]) await publishFiles(state, packages(1, round), `r${round}`)
  expect(sweep(state, now, Date.now() + 1000 * day, keeping({ generations: 4 })).files).toBe(0)
  expect(sweep(state, now, Date.now() + 1000 * day, keeping({ generations: 2 })).files).toBe(1)
  expect(recorded(state)).toEqual(['2 published', '3 published', '4 published'])
  expect(sweep(state, now, Date.now() + 1000 * day, keeping({ generations: 0 })).files).toBe(2)
})

test('the pool holds exactly what retained generations need where nothing is let stay', async () => {
  await using opened = await openNewState()
  const { state } = opened
  await publishFiles(state, packages(3), 'r1')
  await publishFiles(state, packages(3, 1), 'r2')
  addContent(state, 'fetched a moment ago')
  expect(sweep(state, now, Date.now(), { isWhole: true }).contents).toBe(0)
  expect(sweep(state, now, Date.now(), { isWhole: true, isAll: true, dryRun: true }).contents).toBe(3)
  expect(sweep(state, now, Date.now(), { isWhole: true, isAll: true }).contents).toBe(3)
  expect(contents(state)).toEqual(['r2', 'text 1', 'text 2', 'text 3'])
  expect(state.database.prepare('SELECT count(*) AS n FROM content').get()?.n).toBe(4)
})

test('F6: links in place of folders of a tree or of the pool are not followed', async () => {
  await using opened = await openNewState()
  const { state, site } = opened
  await publishFiles(state, { 'Packages/a/a-1.rpm': 'a1', 'Packages/b/b.rpm': 'b' }, 'r1')
  await publishFiles(state, { 'Packages/b/b.rpm': 'b' }, 'r2')
  renameSync(join(state.root, path, 'Packages/a'), site.path('a'))
  symlinkSync(site.path('a'), join(state.root, path, 'Packages/a'))
  const shard = join(state.pool.folder, readdirSync(state.pool.folder)[0] as string)
  renameSync(shard, site.path('shard'))
  symlinkSync(site.path('shard'), shard)
  const precious = site.path('shard', `${shard.slice(-2)}${'0'.repeat(62)}`)
  writeFileSync(precious, 'x')
  sweep(state, now, Date.now() + day)
  sweep(state, now, Date.now() + day, { isWhole: true, isAll: true })
  expect(readdirSync(site.path('a'))).toEqual(['a-1.rpm'])
  expect(readFileSync(precious, 'utf8')).toBe('x')
  rmSync(shard)
  renameSync(site.path('shard'), shard)
})

test('a folder in place of a file that is over is left alone', async () => {
  await using opened = await openNewState()
  const { state } = opened
  await publishFiles(state, { 'Packages/a.rpm': 'a1' }, 'r1')
  await publishFiles(state, { 'Packages/b.rpm': 'b' }, 'r2')
  const place = join(state.root, path, 'Packages/a.rpm')
  renameSync(place, opened.site.path('a'))
  mkdirSync(place)
  writeFileSync(join(place, 'NOTES'), 'mine')
  expect(sweep(state, now).files).toBe(1)
  expect(readFileSync(join(place, 'NOTES'), 'utf8')).toBe('mine')
})

function contents({ pool }: State): string[] {
  return readdirSync(pool.folder)
    .flatMap((shard) =>
      readdirSync(join(pool.folder, shard)).map((name) => readFileSync(join(pool.folder, shard, name), 'utf8')),
    )
    .sort()
}
