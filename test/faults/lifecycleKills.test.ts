import { expect, test } from 'vitest'
import { killLoops } from '../lifecycle/kills.ts'

test('C2: of a hundred kills of promotions, rollbacks and snapshots none leaves a broken tree', async () => {
  const seed = Date.now() % 100_000
  console.log(`seed ${seed}`)
  const killed = await killLoops(100, seed)
  expect(killed).toEqual({ kills: 100, broken: [] })
}, 1_200_000)
