import { describe, expect, test } from 'vitest'
import { type Database, transaction } from '../../src/store/database.ts'
import { repoRow } from '../../src/store/generations.ts'
import { compareStaged, memberRows, recordMembers, stagedMembers, stageMembers } from '../../src/store/members.ts'
import { openNewDatabase, sha256Of, stageFiles } from './opened.ts'

const primary = { 'repodata/p.xml': 'p1' }

describe('staging', () => {
  test('a path is taken once; the same content again is welcome, another is not', async () => {
    await using opened = await openNewDatabase()
    const staged = stageMembers(opened.database)
    const add = (path: string, text: string) =>
      staged.add({ path, kind: 'package', sha256: sha256Of(text), dropped: undefined })
    expect([add('a', '1'), add('a', '1'), add('a', '2'), add('b', '2')]).toEqual([true, true, false, true])
    staged.clear()
    expect(add('a', '2')).toBe(true)
    staged.done()
  })

  test('what is staged is gone with its connection', async () => {
    await using opened = await openNewDatabase()
    stageFiles(opened.database, { a: '1' })
    const tables = opened.database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'staged'").all()
    expect(tables).toEqual([])
  })
})

describe('comparing what is staged with the newest generation', () => {
  test.each([
    ['the same again', { a: '1', b: '2', ...primary }, { added: 0, removed: 0, changed: false }],
    ['one more package', { a: '1', b: '2', c: '3', ...primary }, { added: 1, removed: 0, changed: true }],
    ['one fewer', { a: '1', ...primary }, { added: 0, removed: 1, changed: true }],
    ['another content at a path', { a: '1', b: '3', ...primary }, { added: 1, removed: 1, changed: true }],
    ['a package elsewhere', { a: '1', c: '2', ...primary }, { added: 1, removed: 1, changed: true }],
    ['other metadata alone', { a: '1', b: '2', 'repodata/q.xml': 'q1' }, { added: 0, removed: 0, changed: true }],
    ['metadata more', { a: '1', b: '2', ...primary, 'repodata/q.xml': 'q1' }, { changed: true, added: 0, removed: 0 }],
    ['metadata less', { a: '1', b: '2' }, { added: 0, removed: 0, changed: true }],
    ['nothing at all', {}, { added: 0, removed: 2, changed: true }],
  ])('%s', async (_, files, expected) => {
    await using opened = await openNewDatabase()
    const repo = newRepo(opened.database)
    record(opened.database, repo, 1, { a: '1', b: '2', ...primary })
    stageFiles(opened.database, files)
    expect(compareStaged(opened.database, repo)).toEqual(expected)
  })

  test('is not confused by another repository with the same files', async () => {
    await using opened = await openNewDatabase()
    record(opened.database, newRepo(opened.database, 'other'), 1, { a: '1' })
    stageFiles(opened.database, { a: '1' })
    const compared = compareStaged(opened.database, newRepo(opened.database))
    expect(compared).toEqual({ added: 1, removed: 0, changed: true })
  })
})

describe('recording generations', () => {
  test('a member is one row from its first to its last generation, and another when it comes back', async () => {
    await using opened = await openNewDatabase()
    const { database } = opened
    const repo = newRepo(database)
    record(database, repo, 1, { a: '1', b: '2' })
    record(database, repo, 2, { a: '1', c: '3' })
    record(database, repo, 3, { a: '1', b: '2', c: '4' })
    expect(intervals(database, repo)).toEqual(['a 1 1-', 'b 2 1-1', 'b 2 3-', 'c 3 2-2', 'c 4 3-'])
  })

  test('the newest generation is told as members and as paths, in the same order', async () => {
    await using opened = await openNewDatabase()
    const repo = newRepo(opened.database)
    const members = memberRows(opened.database, repo)
    expect([members.currentPaths(), [...members.current()]]).toEqual([[], []])
    record(opened.database, repo, 1, { 'Packages/ü.rpm': '1', gone: '2' })
    record(opened.database, repo, 2, { 'Packages/ü.rpm': '1', 'repodata/p.xml': '3' })
    expect(members.currentPaths().sort()).toEqual(['Packages/ü.rpm', 'repodata/p.xml'])
    expect([...members.current()]).toEqual([
      { path: 'Packages/ü.rpm', kind: 'package', sha256: sha256Of('1'), dropped: undefined },
      { path: 'repodata/p.xml', kind: 'metadata', sha256: sha256Of('3'), dropped: undefined },
    ])
  })

  test('a path that any retained generation has with another content is known', async () => {
    await using opened = await openNewDatabase()
    const repo = newRepo(opened.database)
    record(opened.database, repo, 1, { a: '1' })
    record(opened.database, repo, 2, { b: '2' })
    const members = memberRows(opened.database, repo)
    const asked = [
      ['a', '1'],
      ['a', '2'],
      ['b', '1'],
      ['c', '1'],
    ] as const
    expect(asked.map(([path, text]) => members.hasOtherContent(path, sha256Of(text)))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  test('what is staged is told with whether an earlier generation has its path', async () => {
    await using opened = await openNewDatabase()
    const repo = newRepo(opened.database)
    record(opened.database, repo, 1, { a: '1', b: '2' })
    record(opened.database, repo, 2, { b: '2', c: '3', a: '1' })
    const told = [...stagedMembers(opened.database, repo, 2)].map(({ path, known }) => `${path} ${known}`)
    expect(told).toEqual(['a true', 'b true', 'c false'])
  })

  test('when a package was dropped upstream is remembered, changed and forgotten with it', async () => {
    await using opened = await openNewDatabase()
    const { database } = opened
    const repo = newRepo(database)
    const since = () => [...memberRows(database, repo).current()].map(({ dropped }) => dropped)
    record(database, repo, 1, { a: '1' })
    recordDropped(database, repo, 2, 1000)
    expect(since()).toEqual([1000])
    recordDropped(database, repo, 3, undefined)
    expect(since()).toEqual([undefined])
    expect(intervals(database, repo)).toEqual(['a 1 1-'])
  })
})

function newRepo(database: Database, path = 'repo'): number {
  return repoRow(database, { path, id: path })
}

function record(database: Database, repo: number, generation: number, files: Record<string, string>): void {
  stageFiles(database, files)
  transaction(database, () => recordMembers(database, repo, generation))
}

function recordDropped(database: Database, repo: number, generation: number, dropped: number | undefined): void {
  const staged = stageMembers(database)
  staged.clear()
  staged.add({ path: 'a', kind: 'package', sha256: sha256Of('1'), dropped })
  staged.done()
  transaction(database, () => recordMembers(database, repo, generation))
}

/** Each row as `path content first-last`. */
function intervals(database: Database, repo: number): string[] {
  const texts = new Map(['1', '2', '3', '4'].map((text) => [sha256Of(text), text]))
  const sql = `SELECT path, lower(hex(sha256)) AS sha256, first || '-' || coalesce(last, '') AS interval
    FROM member WHERE repo = ? ORDER BY path, first`
  const rows = database.prepare(sql).all(repo) as Record<'path' | 'sha256' | 'interval', string>[]
  return rows.map(({ path, sha256, interval }) => `${path} ${texts.get(sha256)} ${interval}`)
}
