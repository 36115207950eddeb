import { expect, test } from 'vitest'
import { spawnMirror } from '../helpers/mirror.ts'
import { readOn } from '../sync/faults/readers.ts'
import { loopSite, startLoop } from './kills.ts'

const promotions = 12

test('K5: clients that read a channel while it is promoted to and rolled back see whole generations', async () => {
  await using site = await loopSite()
  await using prepared = startLoop(site, 1, 1)
  expect((await prepared.ended).status).toBe(0)
  await using server = spawnMirror(['serve', '-c', site.configFile])
  const [, url] = await server.says(/at (http:\S+?)\/?$/m)
  const stop = new AbortController()
  const reading = ['dev/one', 'dev/two', 'prod/one'].map((path) => readOn(`${url}/${path}/`, stop.signal))
  await using loop = startLoop(site, 2, promotions)
  expect((await loop.ended).status).toBe(0)
  stop.abort()
  const all = await Promise.all(reading)
  expect(all.flatMap(({ broken }) => broken)).toEqual([])
  expect(all.reduce((sum, { reads }) => sum + reads, 0)).toBeGreaterThan(30)
}, 120_000)
