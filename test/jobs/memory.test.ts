import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Repo } from '../../src/config/repo.ts'
import { planRepo } from '../../src/jobs/plan.ts'
import { repair } from '../../src/jobs/repair.ts'
import { knownMirrors } from '../../src/store/mirrors.ts'
import { openState, type State } from '../../src/store/state.ts'
import { type Listing, startListing } from '../sync/mirrored/listing.ts'
import { runHere } from '../sync/mirrored/looking.ts'

const program = join(import.meta.dirname, '../../src/main.ts')
const signal = new AbortController().signal
const emit = () => {}

async function holding<T>({ site }: Listing, steps: (state: State) => Promise<T>): Promise<T> {
  const state = openState({ root: site.root, state: site.state }, 'a test')
  try {
    return await steps(state)
  } finally {
    state.close()
  }
}

const configOf = ({ site }: Listing) => loadConfig(site.configFile, { varsFolders: [], home: site.dir })

const asked = (listing: Listing) => listing.mirrors.map(({ requests }) => requests.splice(0).length > 0)

test('a plan remembers the mirror that did not answer, and the next one leaves it alone', async () => {
  await using listing = await startListing('metalink', 2)
  listing.mirrors[0]!.rules.push({ path: /./, fault: { kind: 'silence' } })
  const [repo] = (await configOf(listing)).repos as [Repo]
  const plan = (state: State) => planRepo(repo, { state, emit, signal, acceptShrink: false, program })
  expect(await holding(listing, plan)).toMatchObject({ listed: 2, missing: 2 })
  expect(asked(listing)).toEqual([true, true])
  await holding(listing, async ({ database }) =>
    expect(knownMirrors(database)(listing.mirrors[0]!.url)).toMatchObject({ why: 'E_SLOW' }),
  )
  expect(await holding(listing, plan)).toMatchObject({ listed: 2, missing: 2 })
  expect(asked(listing)).toEqual([false, true])
})

test('what is lost is fetched with what is remembered of mirrors, and what that finds is remembered', async () => {
  await using listing = await startListing('metalink', 2)
  await runHere(listing)
  listing.mirrors[0]!.rules.push({ path: /./, fault: { kind: 'silence' } })
  const config = await configOf(listing)
  const lose = (state: State) => {
    const sql = "SELECT path, lower(hex(sha256)) AS sha256 FROM member WHERE path LIKE '%.rpm'"
    const rows = state.database.prepare(sql).all() as { path: string; sha256: string }[]
    const lost = new Set(rows.map(({ sha256 }) => sha256))
    for (const { path, sha256 } of rows)
      for (const file of [state.pool.path(sha256), join(listing.tree, path)]) rmSync(file, { force: true })
    return repair(lost, undefined, { state, config, program, emit, signal })
  }
  asked(listing)
  await holding(listing, lose)
  expect(asked(listing)).toEqual([true, true])
  await holding(listing, lose)
  expect(asked(listing)).toEqual([false, true])
  expect((await listing.check()).problems).toEqual([])
})
