import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isShown, restore, shownRepomd } from '../../src/publish/publish.ts'
import { contentRows } from '../../src/store/content.ts'
import { currentGeneration, generations } from '../../src/store/generations.ts'
import type { State } from '../../src/store/state.ts'
import { openTree } from '../../src/store/tree.ts'
import { openNewState, sha256Of } from '../store/opened.ts'
import { destination, type Files, filesOf, path, publishFiles, publishStaged, recorded } from './publishing.ts'

const first: Files = { 'Packages/a/a-1.rpm': 'a1', 'Packages/b/b-1.rpm': 'b1', 'repodata/1-primary.xml': 'p1' }
const second: Files = { 'Packages/a/a-2.rpm': 'a2', 'Packages/b/b-1.rpm': 'b1', 'repodata/2-primary.xml': 'p2' }
const pointer = 'repodata/repomd.xml'

describe('a generation that is published', () => {
  test('is links to the pool, a repomd.xml, and a row', async () => {
    await using opened = await openNewState()
    const { state } = opened
    const generation = await publishFiles(state, first, 'r1')
    expect(generation).toMatchObject({ number: 1, state: 'published', repomd: sha256Of('r1'), superseded: undefined })
    expect(currentGeneration(state.database, destination(state).repo)).toEqual(generation)
    expect(filesOf(state)).toEqual([...Object.keys(first), pointer].sort())
    for (const [name, text] of [...Object.entries(first), [pointer, 'r1'] as const]) {
      const file = statSync(absolute(state, name))
      expect(file.ino).toBe(statSync(state.pool.path(sha256Of(text))).ino)
      expect((file.mode & 0o777).toString(8)).toBe('644')
    }
    expect(contentRows(state.database).find({ algorithm: 'sha256', hex: sha256Of('r1') }, 2)).toBeDefined()
  })

  test('leaves every name of the one before as it is', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = Object.keys(first).map((name) => statSync(absolute(state, name)).ino)
    await publishFiles(state, second, 'r2')
    expect(Object.keys(first).map((name) => statSync(absolute(state, name)).ino)).toEqual(before)
    expect(filesOf(state)).toEqual([...new Set([...Object.keys(first), ...Object.keys(second), pointer])].sort())
    expect(readFileSync(absolute(state, pointer), 'utf8')).toBe('r2')
  })

  test('makes the one before it begin to age, and no other', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'other', 'el8')
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    const [old, current] = generations(state.database, destination(state).repo)
    expect([old?.superseded, current?.superseded]).toEqual([expect.any(Number), undefined])
    expect(recorded(state)).toEqual(['1 published', '2 published'])
    expect(generations(state.database, destination(state, 'el8').repo)).toMatchObject([{ superseded: undefined }])
  })

  test('takes the place of a file that no retained generation has', async () => {
    await using opened = await openNewState()
    const { state } = opened
    const stray = absolute(state, 'Packages/a/a-1.rpm')
    mkdirSync(dirname(stray), { recursive: true })
    writeFileSync(stray, 'of a run that was killed')
    await publishFiles(state, first, 'r1')
    expect(readFileSync(stray, 'utf8')).toBe('a1')
  })
})

describe('a publish that fails shows nothing of itself', () => {
  test('where a file of it is gone from the pool', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const gone = state.pool.path(sha256Of('a2'))
    const message = `${gone} vanished from the pool before Packages/a/a-2.rpm could be linked; run again to fetch it`
    await expect(publishStaged(state, second, 'r2')).rejects.toMatchObject({ code: 'E_IO', message })
    expectFirst(state)
  })

  test('where a directory of it is a link', async () => {
    await using opened = await openNewState()
    const { state, site } = opened
    await publishFiles(state, first, 'r1')
    mkdirSync(site.path('elsewhere'))
    symlinkSync(site.path('elsewhere'), absolute(state, 'Packages/c'))
    const files = { ...first, 'Packages/c/c-1.rpm': 'c1' }
    await expect(publishFiles(state, files, 'r2')).rejects.toMatchObject({ code: 'E_ROOT' })
    expect(readdirSync(site.path('elsewhere'))).toEqual([])
    expectFirst(state)
  })

  test('where repomd.xml itself cannot be replaced', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    mkdirSync(absolute(state, 'repodata/.repomd.xml.new/x'), { recursive: true })
    await expect(publishFiles(state, second, 'r2')).rejects.toThrow()
    expectFirst(state)
    expect(filesOf(state)).toContain('Packages/a/a-2.rpm')
  })

  /** Clients see the first generation, and the second is prepared. */
  function expectFirst(state: State): void {
    expect(readFileSync(absolute(state, pointer), 'utf8')).toBe('r1')
    expect(recorded(state)).toEqual(['1 published', '2 prepared'])
    for (const [name, text] of Object.entries(first)) expect(readFileSync(absolute(state, name), 'utf8')).toBe(text)
  }
})

describe('what is shown', () => {
  test('is nothing before the first generation', async () => {
    await using opened = await openNewState()
    expect(isShown(opened.state, destination(opened.state))).toBe(false)
    expect(shownRepomd(openTree(opened.state.root, path))).toBeUndefined()
  })

  test.each([
    ['a package is missing', (file: (name: string) => string) => rmSync(file('Packages/a/a-1.rpm'))],
    ['a directory is missing', (file: (name: string) => string) => rmSync(file('Packages'), { recursive: true })],
    ['a metadata file is missing', (file: (name: string) => string) => rmSync(file('repodata/1-primary.xml'))],
    ['repomd.xml is missing', (file: (name: string) => string) => rmSync(file(pointer))],
    ['repomd.xml is another', (file: (name: string) => string) => replace(file(pointer), 'another')],
    ['all is missing', (file: (name: string) => string) => rmSync(file('.'), { recursive: true })],
  ])('is no longer the generation when %s, and can be restored', async (_, spoil) => {
    await using opened = await openNewState()
    const { state } = opened
    const generation = await publishFiles(state, first, 'r1')
    expect(isShown(state, destination(state))).toBe(true)
    spoil((name) => absolute(state, name))
    expect(isShown(state, destination(state))).toBe(false)
    restore(state, destination(state), generation)
    expect(isShown(state, destination(state))).toBe(true)
    expect(filesOf(state)).toEqual([...Object.keys(first), pointer].sort())
    for (const [name, text] of [...Object.entries(first), [pointer, 'r1'] as const])
      expect(readFileSync(absolute(state, name), 'utf8')).toBe(text)
  })

  test('is still the generation when other files lie beside it', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    writeFileSync(absolute(state, 'README'), '')
    expect(isShown(state, destination(state))).toBe(true)
  })

  test('is no longer the generation when repomd.xml was edited in place', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    appendFileSync(absolute(state, pointer), 'edited')
    expect(isShown(state, destination(state))).toBe(false)
  })
})

function absolute(state: State, name: string): string {
  return join(state.root, path, name)
}

/** As an editor does that writes a new file. */
function replace(file: string, text: string): void {
  rmSync(file)
  writeFileSync(file, text)
}
