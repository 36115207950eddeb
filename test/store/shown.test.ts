import { expect, test } from 'vitest'
import { transaction } from '../../src/store/database.ts'
import { markPublished, prepareGeneration, repoRow } from '../../src/store/generations.ts'
import { recordOrigin } from '../../src/store/origins.ts'
import { shownElsewhere } from '../../src/store/shown.ts'
import { openNewDatabase, sha256Of } from './opened.ts'

test('a generation is shown where channels, and channels of channels, and snapshots have it now', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const made = (path: string, number: number, source?: [path: string, number: number]) => {
    const repo = repoRow(database, { path, id: path })
    transaction(database, () => {
      prepareGeneration(database, repo, generation(number))
      if (source !== undefined) recordOrigin(database, repo, number, origin(...source))
      markPublished(database, repo, number, number)
    })
  }
  for (const number of [1, 2, 3]) made('app', number)
  made('dev/app', 1, ['app', 1])
  made('dev/app', 2, ['app', 2])
  made('prod/app', 1, ['dev/app', 1])
  made('snapshots/may/app', 1, ['prod/app', 1])
  made('app', 4, ['app', 2])
  expect(Object.fromEntries(shownElsewhere(database))).toEqual({
    'app@1': ['prod/app', 'snapshots/may/app'],
    'app@2': ['dev/app'],
    'dev/app@1': ['prod/app', 'snapshots/may/app'],
    'prod/app@1': ['snapshots/may/app'],
  })
})

test('a database without origins shows nothing elsewhere', async () => {
  await using opened = await openNewDatabase()
  opened.database.exec('DROP TABLE origin')
  expect(shownElsewhere(opened.database).size).toBe(0)
})

function origin(source: string, sourceGeneration: number) {
  return { verb: 'promote' as const, source, sourceGeneration, by: 'a', at: 1, gates: [] }
}

function generation(number: number) {
  const what = { packages: 0, bytes: 0, upstreamPackages: 0, trust: 'none', overrides: undefined }
  const when = { timestamp: 0, created: number, superseded: undefined, revision: '1' }
  return { number, state: 'prepared' as const, repomd: sha256Of(String(number)), ...when, ...what }
}
