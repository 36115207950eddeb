import { expect, test } from 'vitest'
import {
  currentGeneration,
  findRepo,
  type Generation,
  generations,
  markPublished,
  prepareGeneration,
  repoRow,
} from '../../src/store/generations.ts'
import { openNewDatabase, sha256Of } from './opened.ts'

test('a repository is known by its path: its id may change', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  expect(findRepo(database, 'el9/base')).toBeUndefined()
  const row = repoRow(database, { path: 'el9/base', id: 'base' })
  expect(repoRow(database, { path: 'el9/base', id: 'renamed' })).toBe(row)
  expect(findRepo(database, 'el9/base')).toBe(row)
  expect(repoRow(database, { path: 'el9', id: 'base' })).not.toBe(row)
})

test('a generation comes back as it was recorded', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  const first = generation(1, { overrides: '--newest-only', revision: '2²' })
  const second = generation(2)
  prepareGeneration(database, repo, first)
  prepareGeneration(database, repo, second)
  expect(generations(database, repo)).toEqual([first, second])
})

test('a generation counts as current from when it is marked, and those before it begin to age', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  const other = repoRow(database, { path: 'b', id: 'b' })
  prepareGeneration(database, other, generation(1))
  markPublished(database, other, 1, 100)
  prepareGeneration(database, repo, generation(1))
  expect(currentGeneration(database, repo)).toBeUndefined()
  markPublished(database, repo, 1, 100)
  expect(currentGeneration(database, repo)).toMatchObject({ number: 1, state: 'published', superseded: undefined })
  prepareGeneration(database, repo, generation(2))
  expect(currentGeneration(database, repo)?.number).toBe(1)
  markPublished(database, repo, 2, 200)
  prepareGeneration(database, repo, generation(3))
  markPublished(database, repo, 3, 300)
  expect(currentGeneration(database, repo)?.number).toBe(3)
  expect(generations(database, repo).map(({ superseded }) => superseded)).toEqual([200, 300, undefined])
  expect(currentGeneration(database, other)).toMatchObject({ number: 1, superseded: undefined })
})

function generation(number: number, other: Partial<Generation> = {}): Generation {
  return {
    number,
    state: 'prepared',
    repomd: sha256Of(String(number)),
    revision: '1700000000',
    timestamp: 1_700_000_000,
    created: 1_700_000_000_123,
    superseded: undefined,
    packages: 70_596,
    bytes: 2 ** 41,
    upstreamPackages: 70_600,
    trust: 'TLS',
    overrides: undefined,
    ...other,
  }
}
