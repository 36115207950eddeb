import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isShown } from '../../src/publish/publish.ts'
import { recover } from '../../src/publish/recover.ts'
import { generations } from '../../src/store/generations.ts'
import type { State } from '../../src/store/state.ts'
import { openNewState } from '../store/opened.ts'
import { destination, type Files, filesOf, path, publishFiles, recorded } from './publishing.ts'

const first: Files = { 'Packages/a/a-1.rpm': 'a1', 'Packages/b/b-1.rpm': 'b1', 'repodata/1-primary.xml': 'p1' }
const second: Files = { 'Packages/a/a-2.rpm': 'a2', 'Packages/b/b-1.rpm': 'b1', 'repodata/2-primary.xml': 'p2' }

describe('a publish that was cut short before repomd.xml was renamed', () => {
  test('is taken back: its own files and rows go, the others stay', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = picture(state)
    await cutShort(state, second)
    expect(picture(state)).not.toEqual(before)
    recover(state)
    expect(picture(state)).toEqual(before)
    expect(isShown(state, destination(state))).toBe(true)
    recover(state)
    expect(picture(state)).toEqual(before)
  })

  test('may be published again, under the same number', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await cutShort(state, second)
    recover(state)
    expect((await publishFiles(state, second, 'r2')).number).toBe(2)
    expect([recorded(state), isShown(state, destination(state))]).toEqual([['1 published', '2 published'], true])
  })

  test('keeps a file that a generation long before it has, too', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    const before = picture(state)
    await cutShort(state, first)
    recover(state)
    expect(picture(state)).toEqual(before)
    expect(filesOf(state)).toContain('Packages/a/a-1.rpm')
  })

  test('leaves nothing where it was the first', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await cutShort(state, first)
    expect(filesOf(state)).toEqual(Object.keys(first).sort())
    recover(state)
    expect([filesOf(state), recorded(state)]).toEqual([[], []])
  })

  test('is taken back too where somebody has removed repomd.xml since', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await cutShort(state, second)
    rmSync(join(state.root, path, 'repodata/repomd.xml'))
    recover(state)
    expect(recorded(state)).toEqual(['1 published'])
    expect(filesOf(state)).toEqual(Object.keys(first).sort())
  })
})

describe('a publish that was cut short after repomd.xml was renamed', () => {
  test('is published: what was there before begins to age', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    const before = picture(state)
    state.database.exec(
      "UPDATE generation SET state = 'prepared' WHERE number = 2; UPDATE generation SET superseded = NULL",
    )
    recover(state)
    expect(picture(state)).toEqual(before)
    const [old, current] = generations(state.database, destination(state).repo)
    expect([old?.superseded, current?.superseded]).toEqual([current?.created, undefined])
    recover(state)
    expect(picture(state)).toEqual(before)
  })
})

test('only the repository that is named is looked at, if one is', async () => {
  await using opened = await openNewState()
  const { state } = opened
  await cutShort(state, first)
  await cutShort(state, first, 'el8')
  recover(state, path)
  expect([recorded(state), recorded(state, 'el8')]).toEqual([[], ['1 prepared']])
  recover(state)
  expect([filesOf(state, 'el8'), recorded(state, 'el8')]).toEqual([[], []])
})

describe('a publish under the same repomd.xml that was cut short', () => {
  test('is taken back, however far it came: what lies beside repomd.xml is of one generation', async () => {
    await using opened = await openNewState()
    const { state } = opened
    const treeinfo = (text: string) => ({ ...first, '.treeinfo': text, 'images/boot.iso': text })
    await publishFiles(state, treeinfo('old'), 'r1')
    const before = { picture: picture(state), texts: textsOf(state) }
    await cutShort(state, { ...treeinfo('new'), 'images/other.iso': 'new' }, path, 'r1')
    recover(state)
    expect({ picture: picture(state), texts: textsOf(state) }).toEqual(before)
    expect(recorded(state)).toEqual(['1 published'])
  })
})

test('no signature of a generation before comes back beside a repomd.xml that has none', async () => {
  await using opened = await openNewState()
  const { state } = opened
  const signature = 'repodata/repomd.xml.asc'
  await publishFiles(state, { ...first, [signature]: 'of r1' }, 'r1')
  await publishFiles(state, second, 'r2')
  const before = picture(state)
  await cutShort(state, { ...first, [signature]: 'of r3' })
  recover(state)
  expect(filesOf(state)).not.toContain(signature)
  expect(picture(state)).toEqual(before)
})

test('a file where another generation has a folder keeps nobody from starting: it is taken back', async () => {
  await using opened = await openNewState()
  const { state } = opened
  await publishFiles(state, first, 'r1')
  const before = picture(state)
  await expect(publishFiles(state, { ...second, Packages: 'a file' }, 'r2')).rejects.toThrow()
  recover(state)
  expect(picture(state)).toEqual(before)
})

function textsOf(state: State): string[] {
  return filesOf(state).map((file) => readFileSync(join(state.root, path, file), 'utf8'))
}

/** Publishes as far as the links: a directory stands where the new repomd.xml is to be made, and is gone afterwards. */
async function cutShort(state: State, files: Files, where = path, repomd = 'cut short'): Promise<void> {
  const obstacle = join(state.root, where, 'repodata/.repomd.xml.new')
  mkdirSync(obstacle, { recursive: true })
  await expect(publishFiles(state, files, repomd, where)).rejects.toThrow()
  rmSync(obstacle, { recursive: true })
}

/** Everything that is recorded and published of the repository, but for times. */
function picture(state: State) {
  const { repo } = destination(state)
  const members = state.database.prepare('SELECT * FROM member WHERE repo = ? ORDER BY path, first').all(repo)
  const repomd = readFileSync(join(state.root, path, 'repodata/repomd.xml'), 'utf8')
  return { members, repomd, files: filesOf(state), generations: recorded(state) }
}
