import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../src/lifecycle/sweep.ts'
import { isShown, restore } from '../../src/publish/publish.ts'
import { recover } from '../../src/publish/recover.ts'
import { currentGeneration, type Generation } from '../../src/store/generations.ts'
import type { State } from '../../src/store/state.ts'
import { addContent, openNewState, sha256Of } from '../store/opened.ts'
import { destination, type Files, filesOf, path, publishFiles, publishStaged } from './publishing.ts'

const first: Files = { 'images/boot.iso': 'i1', 'images/vmlinuz': 'v1', '.treeinfo': 't1', 'repodata/p.xml': 'p1' }
const second: Files = { 'images/boot.iso': 'i2', 'images/vmlinuz': 'v1', '.treeinfo': 't2', 'repodata/p.xml': 'p1' }

describe('a file of a kickstart tree', () => {
  test('is replaced by what the next generation has, and stays a link to the pool', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = lstatSync(absolute(state, 'images/vmlinuz')).ctimeMs
    for (const text of ['i2', 't2']) addContent(state, text)
    await publishStaged(state, second, 'r2')
    expect(texts(state)).toMatchObject(second)
    expect(statSync(absolute(state, 'images/boot.iso')).ino).toBe(statSync(state.pool.path(sha256Of('i2'))).ino)
    expect(lstatSync(absolute(state, 'images/vmlinuz')).ctimeMs).toBe(before)
    expect(isShown(state, destination(state))).toBe(true)
  })

  test('goes back to what it was, which a retained generation still has', async () => {
    await using opened = await openNewState()
    const { state } = opened
    for (const [files, repomd] of [
      [first, 'r1'],
      [second, 'r2'],
      [first, 'r3'],
    ] as const)
      await publishFiles(state, files, repomd)
    expect(texts(state)).toMatchObject(first)
  })

  test('outlives the sweep of the generation that had another content, which goes from the pool after a day', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, second, 'r2')
    sweep(state, new Map([[path, 0]]))
    expect(texts(state)).toMatchObject(second)
    expect(existsSync(state.pool.path(sha256Of('i1')))).toBe(true)
    sweep(state, new Map([[path, 0]]), Date.now() + 2 * 24 * 3_600_000)
    expect(existsSync(state.pool.path(sha256Of('i1')))).toBe(false)
  })

  test('is removed when no retained generation has one any more', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    await publishFiles(state, { 'repodata/p.xml': 'p1' }, 'r2')
    expect(filesOf(state)).toContain('.treeinfo')
    sweep(state, new Map([[path, 0]]))
    expect(filesOf(state)).toEqual(['repodata/p.xml', 'repodata/repomd.xml'])
  })

  test('comes back where it was deleted, or something else stands in its place', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    rmSync(absolute(state, 'images/boot.iso'))
    rmSync(absolute(state, 'images/vmlinuz'))
    writeFileSync(absolute(state, 'images/vmlinuz'), 'another')
    expect(isShown(state, destination(state))).toBe(false)
    restore(state, destination(state), currentGeneration(state.database, destination(state).repo) as Generation)
    expect(texts(state)).toMatchObject(first)
  })

  test('whose content is gone from the pool ends the publish, and what was there comes back', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = texts(state)
    await publishFiles(state, second, 'r2')
    await publishFiles(state, first, 'r3')
    rmSync(state.pool.path(sha256Of('t2')))
    await expect(publishStaged(state, second, 'r4')).rejects.toMatchObject({
      code: 'E_IO',
      message: expect.stringContaining('vanished from the pool before .treeinfo could be linked'),
    })
    expect(texts(state)).toMatchObject({ 'images/boot.iso': 'i2', '.treeinfo': 't1' })
    recover(state)
    expect(texts(state)).toEqual({ ...before, 'repodata/repomd.xml': 'r3' })
  })
})

describe('a publish that was cut short before repomd.xml was renamed', () => {
  test.each([
    ['changed', second],
    ['added', { ...first, 'images/new.img': 'n1' }],
    ['dropped', { '.treeinfo': 't2', 'repodata/p.xml': 'p1' }],
  ])('leaves the tree as it was, where files were %s', async (_, files) => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = texts(state)
    await cutShort(state, files)
    expect(texts(state)).not.toEqual(before)
    recover(state)
    expect(texts(state)).toEqual(before)
    expect(isShown(state, destination(state))).toBe(true)
  })

  test('between the two steps of a file leaves no file that nobody knows', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, first, 'r1')
    const before = texts(state)
    await cutShort(state, second)
    writeFileSync(absolute(state, 'images/.boot.iso.new'), 'i2')
    recover(state)
    expect(texts(state)).toEqual(before)
  })

  test('puts a signature back that was to go with the repomd.xml before', async () => {
    await using opened = await openNewState()
    const { state } = opened
    await publishFiles(state, { ...first, [signature]: 's1' }, 'r1')
    await cutShort(state, first)
    expect(existsSync(absolute(state, signature))).toBe(false)
    recover(state)
    expect(texts(state)).toMatchObject({ [signature]: 's1' })
    await publishFiles(state, first, 'r2')
    expect(existsSync(absolute(state, signature))).toBe(false)
  })
})

const signature = 'repodata/repomd.xml.asc'

/** Publishes as far as repomd.xml: a directory stands where the new one is to be made, and is gone afterwards. */
async function cutShort(state: State, files: Files): Promise<void> {
  const obstacle = absolute(state, 'repodata/.repomd.xml.new')
  mkdirSync(obstacle)
  await expect(publishFiles(state, files, 'cut short')).rejects.toThrow()
  rmSync(obstacle, { recursive: true })
}

function texts(state: State): Files {
  return Object.fromEntries(filesOf(state).map((name) => [name, readFileSync(absolute(state, name), 'utf8')]))
}

function absolute(state: State, name: string): string {
  return join(state.root, path, name)
}
