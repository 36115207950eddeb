import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { currentGeneration, findRepo } from '../../../src/store/generations.ts'
import { credibly, olderThan } from '../../../src/sync/trust/rollback.ts'
import { listing } from '../faults/listing.ts'
import { type Syncing, startSyncing } from '../syncing.ts'

const packages = [{ name: 'alpha' }]
const others = [{ name: 'alpha' }, { name: 'beta' }]
const year9999 = '253370764800'

/** Gives the upstream another set of packages with a revision, and times of its records other than that. */
async function offer(syncing: Syncing, revision: string, timestamp = revision): Promise<void> {
  await syncing.offer(others, { revision })
  const file = join(syncing.dir, 'repodata/repomd.xml')
  const text = readFileSync(file, 'utf8').replaceAll(/timestamp>\d+</g, `timestamp>${timestamp}<`)
  writeFileSync(file, text)
}

async function refused(syncing: Syncing): Promise<{ line: string; isUntouched: boolean }> {
  const before = await listing(syncing.tree)
  const error = await syncing.run().then(
    () => undefined,
    (caught: Error & { code?: string }) => caught,
  )
  const message = error?.message.replace(syncing.upstream.url, 'URL')
  const isUntouched = JSON.stringify(before) === JSON.stringify(await listing(syncing.tree))
  return { line: `${error?.code}: ${message}`, isUntouched }
}

function published({ state }: Syncing) {
  return currentGeneration(state.database, findRepo(state.database, 'base') as number)
}

const head = 'E_ROLLBACK: Cannot take the repomd.xml of URL: it is older than what the upstream had'
const tail = 'held: run with --accept-rollback if the upstream has really gone back'

describe('M12 an upstream that goes back', () => {
  test.each([
    [
      'to an older revision',
      '1700000000',
      '1699999999',
      '1700000000',
      'revision 1699999999, 1700000000 was taken before',
    ],
    [
      'to older timestamps under the same revision',
      '1700000000',
      '1700000000',
      '1600000000',
      'made 2020-09-13T12:26:40.000Z, one of 2023-11-14T22:13:20.000Z was taken before',
    ],
    [
      'under revisions that are texts',
      'r2',
      'r3',
      '1600000000',
      'made 2020-09-13T12:26:40.000Z, one of 2023-11-14T22:13:20.000Z was taken before',
    ],
    [
      'under a revision of 31 digits, which is no time',
      '1700000000',
      `1${'0'.repeat(30)}`,
      '1600000000',
      'made 2020-09-13T12:26:40.000Z, one of 2023-11-14T22:13:20.000Z was taken before',
    ],
  ])('%s is held, and the old generation stays', async (_, before, revision, timestamp, reason) => {
    await using syncing = await startSyncing(packages, { revision: before })
    await syncing.run()
    await offer(syncing, revision, timestamp)
    expect(await refused(syncing)).toEqual({ line: `${head}: ${reason}; ${tail}`, isUntouched: true })
    expect(published(syncing)).toMatchObject({ number: 1 })
    expect(await syncing.run({}, { acceptRollback: true })).toMatchObject({ generation: 2 })
    expect(await syncing.run()).toBeUndefined()
  })

  test('is measured by what it went back to once that was accepted', async () => {
    await using syncing = await startSyncing(packages, { revision: '1700000000' })
    await syncing.run()
    await offer(syncing, '1600000000')
    await syncing.run({}, { acceptRollback: true })
    await syncing.offer(packages, { revision: '1600000001' })
    expect(await syncing.run({}, { acceptShrink: true })).toMatchObject({ generation: 3 })
  })
})

describe('M12, T6 an upstream that leaps to the year 9999', () => {
  test('is published and told, and what it has next is taken without more ado', async () => {
    await using syncing = await startSyncing(packages, { revision: '1700000000' })
    await syncing.run()
    await offer(syncing, year9999)
    expect(await syncing.run()).toMatchObject({ generation: 2 })
    expect(syncing.notices.at(-1)).toBe(
      "warn: upstream's repomd.xml says it is of 9999-01-01T00:00:00.000Z, which is to come; that is not believed, and clients are told another time",
    )
    expect(published(syncing)?.timestamp).toBeLessThanOrEqual(Date.now() / 1000)
    await syncing.offer([{ name: 'gamma' }], { revision: '1700000001' })
    expect(await syncing.run({}, { acceptShrink: true })).toMatchObject({ generation: 3 })
    await offer(syncing, '1600000000')
    expect((await refused(syncing)).line).toContain('revision 1600000000, 1700000001 was taken before')
  })
})

describe('which of two repomd.xml is older', () => {
  const now = 1_800_000_000_000

  test('integers are compared as such, however long; a day ahead they may be', () => {
    const at = (revision: string, timestamp = 5) => ({ revision, timestamp })
    expect(olderThan(at('10'), at('9'), now)).toBe('revision 9, 10 was taken before')
    expect(olderThan(at('9'), at('10', 1), now)).toBeUndefined()
    expect(olderThan(at('007'), at('7'), now)).toBeUndefined()
    expect(olderThan(at('1800086400'), at('5'), now)).toBe('revision 5, 1800086400 was taken before')
    expect(olderThan(at('1800086401'), at('5'), now)).toBeUndefined()
  })

  test('what is not believed leaves the measure as it was', () => {
    const accepted = { sha256: '', revision: '7', timestamp: 7, at: 7 }
    const leap = { revision: year9999, timestamp: Number(year9999) }
    expect(credibly(leap, accepted, now)).toEqual({ revision: '7', timestamp: 7 })
    expect(credibly(leap, undefined, now)).toEqual({ revision: '', timestamp: 0 })
    expect(credibly({ revision: '8', timestamp: 8 }, accepted, now)).toEqual({ revision: '8', timestamp: 8 })
  })
})
