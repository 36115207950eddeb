import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { repoRow } from '../../src/store/generations.ts'
import { lastLook, readLook, touchLook, writeLook } from '../../src/store/looks.ts'
import { openNewDatabase } from './opened.ts'

const look = {
  settings: 's',
  repomd: 'r',
  validators: { etag: '"é"', lastModified: 'then' },
  until: 5,
  files: { '.treeinfo': { sha256: 't', validators: { etag: '"t"' } } },
}

test('a look comes back as it was written, and the next one takes its place', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  expect([readLook(database, repo), lastLook(database, repo)]).toEqual([undefined, undefined])
  writeLook(database, repo, look)
  expect(readLook(database, repo)).toEqual(look)
  const next = { ...look, validators: {}, until: undefined, files: {} }
  writeLook(database, repo, next)
  expect(readLook(database, repo)).toEqual(next)
})

test('finding the upstream unchanged moves the time of the look and nothing else', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = repoRow(database, { path: 'a', id: 'a' })
  touchLook(database, repo)
  expect(lastLook(database, repo)).toBeUndefined()
  writeLook(database, repo, look)
  const written = lastLook(database, repo) as number
  await sleep(5)
  touchLook(database, repo)
  expect(lastLook(database, repo)).toBeGreaterThan(written)
  expect(readLook(database, repo)).toEqual(look)
})
