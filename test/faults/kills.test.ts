import { expect, test } from 'vitest'
import { killSyncs } from '../sync/faults/kills.ts'

const lanes = 4
/** A thousand and more by hand: `MIRROR_TEST_KILLS=1000 npm run test:faults`. */
const killsEach = Math.ceil(Number(process.env.MIRROR_TEST_KILLS ?? 200) / lanes)

test(`C2: ${lanes * killsEach} kills of a sync leave the old generation or the new one, and no work for anybody`, async () => {
  const first = Date.now() % 1_000_000
  const seeds = Array.from({ length: lanes }, (_, lane) => first + lane)
  const outcomes = await Promise.all(seeds.map((seed) => killSyncs(killsEach, seed)))
  const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0)
  console.log(`${kills} kills with the seeds ${seeds.join(', ')}`)
  expect(outcomes.flatMap(({ broken }) => broken)).toEqual([])
  expect(kills).toBe(lanes * killsEach)
})
