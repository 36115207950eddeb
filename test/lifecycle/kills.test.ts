import { expect, test } from 'vitest'
import { killLoops } from './kills.ts'

test('C2: promotions, rollbacks and snapshots that are killed at any moment leave every tree whole, and are settled by the next start', async () => {
  const killed = await killLoops(6, 7)
  expect(killed).toEqual({ kills: 6, broken: [] })
}, 120_000)
