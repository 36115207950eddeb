import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/lifecycle/sweep.ts'
import { isShown } from '../../src/publish/publish.ts'
import { contentRows } from '../../src/store/content.ts'
import type { State } from '../../src/store/state.ts'
import { destination, type Files, filesOf, path, publishFiles, recorded } from '../publish/publishing.ts'
import { addContent, openNewState, sha256Of } from '../store/opened.ts'

const hour = 3_600_000
const retain = new Map([[path, 72 * hour]])

const first: Files = { 'Packages/a/a-1.rpm': 'a1', 'Packages/b/b-1.rpm': 'b1', 'repodata/1-primary.xml': 'p1' }
const second: Files = { 'Packages/a/a-2.rpm': 'a2', 'Packages/b/b-1.rpm': 'b1', 'repodata/2-primary.xml': 'p2' }

describe('files of a published tree', () => {
  test('stay as long as generations are retained after they were superseded', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    const before = filesOf(state)
    expect(sweep(state, retain, at(71.9))).toMatchObject({ files: 0, contents: 0, bytes: 0 })
    expect([filesOf(state), recorded(state)]).toEqual([before, ['1 published', '2 published']])
  })

  test('go when their time is over, but for those that a later generation has', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    expect(sweep(state, retain, at(72.1))).toMatchObject({ files: 2 })
    expect(filesOf(state)).toEqual([...Object.keys(second), 'repodata/repomd.xml'].sort())
    expect([recorded(state), isShown(state, destination(state))]).toEqual([['2 published'], true])
    expect(sweep(state, retain, at(72.1))).toMatchObject({ files: 0 })
  })

  test('of the current generation never go, however old it is', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    expect(sweep(state, retain, at(100_000))).toEqual({ files: 0, contents: 0, bytes: 0 })
    expect(isShown(state, destination(state))).toBe(true)
  })

  test('go at the same time from a generation that was superseded a moment ago only if none are retained', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    expect(sweep(state, new Map([[path, 0]])).files).toBe(2)
    expect(filesOf(state)).not.toContain('Packages/a/a-1.rpm')
  })

  test('of a superseded generation stay when only those before it are over', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, { x: '1', y: '1', z: '1' }, 'r1')
    await publishFiles(state, { y: '1', z: '1' }, 'r2')
    await publishFiles(state, { z: '1' }, 'r3')
    supersede(state, 1, 100)
    supersede(state, 2, 50)
    expect(sweep(state, retain).files).toBe(1)
    expect([filesOf(state), recorded(state)]).toEqual([
      ['repodata/repomd.xml', 'y', 'z'],
      ['2 published', '3 published'],
    ])
  })

  test('that went and came back under the same name stay with the later generation', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, { x: '1', y: '1' }, 'r1')
    await publishFiles(state, { y: '1' }, 'r2')
    await publishFiles(state, { x: '1', y: '1' }, 'r3')
    expect(sweep(state, retain, at(73)).files).toBe(0)
    expect([filesOf(state), recorded(state)]).toEqual([['repodata/repomd.xml', 'x', 'y'], ['3 published']])
    expect(isShown(state, destination(state))).toBe(true)
  })

  test('are swept though somebody has removed some of them, or all', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    rmSync(join(state.root, path), { recursive: true })
    expect(sweep(state, retain, at(73)).files).toBe(2)
    expect(recorded(state)).toEqual(['2 published'])
  })

  test('of a repository that is not configured stay', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    expect(sweep(state, new Map([['el8', 0]]), at(1000)).files).toBe(0)
    expect(recorded(state)).toEqual(['1 published', '2 published'])
  })
})

describe('contents of the pool', () => {
  test('go a day after the last that named them, with their rows', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    expect(sweep(state, new Map([[path, 0]]), at(1)).contents).toBe(0)
    expect(['a1', 'p1', 'r1'].map((text) => isThere(state, text))).toEqual([true, true, true])
    expect(sweep(state, new Map([[path, 0]]), at(26))).toEqual({ files: 0, contents: 3, bytes: 6 })
    expect(['a1', 'p1', 'r1'].map((text) => isThere(state, text))).toEqual([false, false, false])
    expect(['b1', 'a2', 'p2', 'r2'].map((text) => isThere(state, text))).toEqual([true, true, true, true])
    const rows = contentRows(state.database)
    expect(rows.find({ algorithm: 'sha256', hex: sha256Of('a1') }, undefined)).toBeUndefined()
  })

  test('stay for a day though nothing has named them yet', async () => {
    await using opened = await openNewState()
    const { state } = opened
    addContent(state, 'fetched by a run that was cut short')
    expect(sweep(state, retain, at(23.9)).contents).toBe(0)
    expect(sweep(state, retain, at(49)).contents).toBe(1)
  })

  test('that a retained generation names stay though their links were removed', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    rmSync(join(state.root, path), { recursive: true })
    expect(sweep(state, new Map([[path, 1000 * hour]]), at(500)).contents).toBe(0)
    expect(Object.values({ ...first, ...second, r1: 'r1', r2: 'r2' }).every((text) => isThere(state, text))).toBe(true)
  })

  test('without a row go like the others', async () => {
    await using opened = await openNewState()
    const { state } = opened
    const { sha256 } = addContent(state, 'a row that was never written')
    contentRows(state.database).forget([sha256])
    expect(sweep(state, retain, at(25)).contents).toBe(1)
    expect(existsSync(state.pool.path(sha256))).toBe(false)
  })

  test('are looked through once a day where no tree has changed', async () => {
    await using opened = await openNewState()
    const { state } = opened
    sweep(state, retain, at(30))
    addContent(state, 'x')
    expect(sweep(state, retain, at(53)).contents).toBe(0)
    expect(sweep(state, retain, at(55)).contents).toBe(1)
  })

  test('that are none, but strange files, are left alone', async () => {
    await using opened = await openNewState()
    const { state } = opened
    const stray = join(state.pool.folder, 'aa/notes.txt')
    writeFileSync(stray, 'mine')
    expect(sweep(state, retain, at(100)).contents).toBe(0)
    expect(readFileSync(stray, 'utf8')).toBe('mine')
  })
})

test('parts of downloads that nobody took up for a day go', async () => {
  await using opened = await openNewState()
  const part = join(opened.state.tmp, 'left/sha256-aa.part')
  writeFileSync(part, 'bytes')
  sweep(opened.state, retain, at(23))
  expect(existsSync(part)).toBe(true)
  sweep(opened.state, retain, at(48))
  expect(existsSync(part)).toBe(false)
})

/** So many hours from now. */
function at(hours: number): number {
  return Date.now() + hours * hour
}

/** Says that a generation was superseded so many hours ago. */
function supersede({ database }: State, number: number, hours: number): void {
  database.prepare('UPDATE generation SET superseded = ? WHERE number = ?').run(at(-hours), number)
}

function isThere({ pool }: State, text: string): boolean {
  return pool.size(sha256Of(text)) !== undefined
}
