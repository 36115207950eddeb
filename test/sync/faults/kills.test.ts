import { expect, test } from 'vitest'
import { killSyncs } from './kills.ts'

const lanes = 4
const killsEach = 15

test('C2: 60 kills of a sync leave the old generation or the new one, and no work for anybody', async () => {
  const first = Date.now() % 1_000_000
  const seeds = Array.from({ length: lanes }, (_, lane) => first + lane)
  const outcomes = await Promise.all(seeds.map((seed) => killSyncs(killsEach, seed)))
  const runs = outcomes.reduce((sum, outcome) => sum + outcome.runs, 0)
  const kills = outcomes.reduce((sum, outcome) => sum + outcome.kills, 0)
  console.log(`${kills} kills with the seeds ${seeds.join(', ')}, followed by ${runs} whole runs`)
  expect(outcomes.flatMap(({ broken }) => broken)).toEqual([])
  expect(kills).toBe(lanes * killsEach)
}, 300_000)
