import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readBatch } from '../../../src/createrepo/read/batch.ts'
import { judge } from '../../helpers/judges.ts'
import { readTree } from '../../helpers/metadata/repository.ts'
import { makeRpm, modes } from '../../helpers/rpmfile.ts'
import { makeTemporaryFolder } from '../../helpers/temporary.ts'
import { upstream as demo } from '../demo.ts'
import { mutate, mutations, whole } from './mutations.ts'

/** The suite tries the same few each time; MIRROR_TEST_MUTATIONS=100000 tries so many new ones. */
const wanted = process.env.MIRROR_TEST_MUTATIONS
const seed = wanted === undefined ? 1 : Date.now()
const batch = 1000

const built = ([3, 4, 6] as const).flatMap((format) =>
  [false, true].map((source) =>
    makeRpm({
      name: 'built',
      format,
      source,
      epoch: 1,
      requires: ['a', ['b', 8, '1:2-3']],
      provides: ['built'],
      recommends: ['c'],
      files: [{ path: '/usr/bin/a' }, { path: '/etc/b', mode: modes.directory }, { path: '/etc/b/c' }],
      changelog: [[1_600_000_000, 'A', 'text']],
    }),
  ),
)
const files = [
  ...built,
  ...globSync(join(demo, 'Packages/**/*.rpm'))
    .sort()
    .map((path) => readFileSync(path)),
].map(whole)
const reading = { checksum: 'sha256', changelogLimit: 10, filelistsExt: true } as const

describe('whatever is done to a package file', () => {
  test('it is read, or left out with a reason, and rpm refuses none that is read', {
    timeout: timeoutMs(),
  }, async () => {
    for (let tried = 0; tried < Number(wanted ?? batch); tried += batch)
      expect(await surprises(seed + tried), `seed ${seed + tried}`).toEqual([])
  })
})

test('what nothing was done to is read', async () => {
  await using folder = await makeTemporaryFolder()
  const outcomes = files.map(({ bytes }, i) => read(folder.path, i, bytes).outcome)
  expect(files.length).toBeGreaterThan(15)
  expect(outcomes.filter((outcome) => outcome !== undefined && 'reason' in outcome)).toEqual([])
})

/** What went otherwise than it should, each with the mutation that shows it. */
async function surprises(seed: number): Promise<string[]> {
  await using folder = await makeTemporaryFolder()
  const tried = fc.sample(mutations(files.length), { numRuns: batch, seed })
  const accepted: number[] = []
  const found: string[] = []
  for (const [i, mutation] of tried.entries()) {
    const { outcome, problem } = read(folder.path, i, mutate(files[mutation.of]!, mutation))
    if (problem !== undefined) found.push(`${problem}: ${JSON.stringify(mutation)}`)
    else if (outcome !== undefined && !('reason' in outcome)) accepted.push(i)
  }
  const refused = refusedByRpm(accepted.map((i) => join(folder.path, `${i}.rpm`)))
  return [
    ...found,
    ...refused.map(([path, why]) => `${why}: ${JSON.stringify(tried[Number(/(\d+)\.rpm$/.exec(path)?.[1])])}`),
  ]
}

type Outcome = ReturnType<typeof readBatch>['outcomes'][number]

/** Reads a file as createrepo does; a problem is a thrown error, a reason that is none, or records that are not XML. */
function read(folder: string, i: number, bytes: Buffer): { outcome: Outcome | undefined; problem: string | undefined } {
  const file = join(folder, `${i}.rpm`)
  writeFileSync(file, bytes)
  try {
    const { outcomes, records } = readBatch([{ file, href: `${i}.rpm`, base: undefined }], reading, [])
    const outcome = outcomes[0]!
    if ('reason' in outcome)
      return { outcome, problem: /^[^\n]{8,400}$/.test(outcome.reason) ? undefined : outcome.reason }
    for (const { bytes } of Object.values(records)) {
      const document = Buffer.concat([Buffer.from('<all>'), bytes, Buffer.from('</all>')])
      if (readTree(document).children.length !== 1) throw new Error('not one record')
    }
    return { outcome, problem: undefined }
  } catch (error) {
    return { outcome: undefined, problem: (error as Error).stack ?? String(error) }
  }
}

/** Those that rpm does not read, with what it says. */
function refusedByRpm(paths: string[]): [path: string, why: string][] {
  if (paths.length === 0 || !judge('rpm')) return []
  const ask = (of: string[]) => spawnSync('rpm', ['-qp', '--nosignature', '--qf', '', ...of], { encoding: 'utf8' })
  if (ask(paths).status === 0) return []
  return paths.flatMap((path): [string, string][] => {
    const { status, stderr } = ask([path])
    return status === 0 ? [] : [[path, stderr.trim()]]
  })
}

function timeoutMs(): number {
  return 60_000 + Number(wanted ?? 0) * 10
}
