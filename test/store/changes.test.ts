import { expect, test } from 'vitest'
import { namedFilesOnlyIn, packageCounts, packagePaths, packagesApart } from '../../src/store/changes.ts'
import { type Database, transaction } from '../../src/store/database.ts'
import { repoRow } from '../../src/store/generations.ts'
import { memberRows, recordMembers } from '../../src/store/members.ts'
import { openNewDatabase, sha256Of, stageFiles } from './opened.ts'

const first = { 'a.rpm': '1', 'b.rpm': '2', 'c.rpm': '3', 'repodata/p.xml': 'p1' }
const second = { 'a.rpm': '1', 'b.rpm': '4', 'moved/c.rpm': '3', 'd.rpm': '5', 'repodata/p.xml': 'p2' }

test('packages that only one generation has are told by their contents, in both directions and across repos', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const one = recorded(database, 'one', first, second, second)
  const other = recorded(database, 'other', first)
  const at = (repo: number, generation: number) => ({ repo, generation })
  const apart = (...sides: [ReturnType<typeof at>, ReturnType<typeof at>]) => {
    const told = Object.entries(packagesApart(database, ...sides))
    return Object.fromEntries(told.map(([key, files]) => [key, files.map(({ path, sha256 }) => [path, sha256])]))
  }
  const [came, went] = [
    [
      ['b.rpm', sha256Of('4')],
      ['d.rpm', sha256Of('5')],
    ],
    [['b.rpm', sha256Of('2')]],
  ]
  expect(apart(at(one, 1), at(one, 2))).toEqual({ went, came })
  expect(apart(at(one, 2), at(one, 1))).toEqual({ went: came, came: went })
  expect(apart(at(one, 1), at(one, 3))).toEqual({ went, came })
  expect(apart(at(other, 1), at(one, 3))).toEqual({ went, came })
  expect(apart(at(one, 3), at(other, 1))).toEqual({ went: came, came: went })
  expect(apart(at(one, 2), at(one, 3))).toEqual({ went: [], came: [] })
})

test('a path of a generation has the content that it had then', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = recorded(database, 'one', first, second)
  const rows = memberRows(database, repo)
  expect([1, 2, 3].map((generation) => rows.contentAt('b.rpm', generation))).toEqual([
    sha256Of('2'),
    sha256Of('4'),
    sha256Of('4'),
  ])
  expect(rows.contentAt('d.rpm', 1)).toBeUndefined()
  expect(packagePaths(database, { repo, generation: 1 })).toEqual(['a.rpm', 'b.rpm', 'c.rpm'])
  expect(packagePaths(database, { repo: repo + 1, generation: 1 })).toEqual([])
})

test('files of a tree are told by path and content', async () => {
  await using opened = await openNewDatabase()
  const { database } = opened
  const repo = recorded(
    database,
    'one',
    { '.treeinfo': '1', 'images/a': '2' },
    { '.treeinfo': '3', 'images/a': '2', 'images/b': '4' },
  )
  const [past, now] = [
    { repo, generation: 1 },
    { repo, generation: 2 },
  ]
  expect(namedFilesOnlyIn(database, now, past)).toEqual(['.treeinfo', 'images/b'])
  expect(namedFilesOnlyIn(database, past, now)).toEqual(['.treeinfo'])
})

test('what each generation adds and removes is counted', async () => {
  await using opened = await openNewDatabase()
  const repo = recorded(opened.database, 'one', first, second, second, first)
  expect([...packageCounts(opened.database, repo)].sort(([a], [b]) => a - b)).toEqual([
    [1, { added: 3, removed: 0 }],
    [2, { added: 3, removed: 2 }],
    [4, { added: 2, removed: 3 }],
  ])
})

/** Records generations of these files, from the first on; the row of their repo. */
function recorded(database: Database, path: string, ...generations: Record<string, string>[]): number {
  const repo = repoRow(database, { path, id: path })
  for (const [i, files] of generations.entries()) {
    stageFiles(database, files)
    transaction(database, () => recordMembers(database, repo, i + 1))
  }
  return repo
}
