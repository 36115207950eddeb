import { expect, test } from 'vitest'
import { killLoops } from '../lifecycle/kills.ts'

const kills = Number(process.env.MIRROR_TEST_KILLS ?? 20)

test('C2: of kills of promotions, rollbacks and snapshots none leaves a broken tree', async () => {
  const seed = Date.now() % 100_000
  console.log(`seed ${seed}`)
  const killed = await killLoops(kills, seed)
  expect(killed).toEqual({ kills, broken: [] })
}, 1_200_000)
