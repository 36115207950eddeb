import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verify } from '../../../src/lifecycle/verify/verify.ts'
import { contentRows } from '../../../src/store/content.ts'
import { prepareGeneration, repoRow } from '../../../src/store/generations.ts'
import type { State } from '../../../src/store/state.ts'
import { destination, type Files, path, publishFiles, publishStaged } from '../../publish/publishing.ts'
import { addContent, openNewState, sha256Of } from '../../store/opened.ts'
import { flipBit, program, told, verifyState } from './verifying.ts'

const first: Files = { 'Packages/a/a-1.rpm': 'a one', 'Packages/b/b-1.rpm': 'b one', 'repodata/1-primary.xml': 'p one' }
const second: Files = {
  'Packages/a/a-2.rpm': 'a two',
  'Packages/b/b-1.rpm': 'b one',
  'repodata/2-primary.xml': 'p two',
}

async function published() {
  const opened = await openNewState()
  const { state } = opened
  for (const text of new Set(Object.values({ ...first, ...second }))) addContent(state, text)
  await publishStaged(state, first, 'r one')
  await publishStaged(state, second, 'r two')
  return { ...opened, state, at: (file: string) => join(state.root, path, file) }
}

async function toldOf(state: State): Promise<string[]> {
  return told((await verifyState(state)).found, state)
}

test('what is as the database says has no findings, and each inode is read once', async () => {
  await using opened = await published()
  const { found, names, files, bytes } = await verifyState(opened.state)
  expect(found).toEqual([])
  const texts = new Set([...Object.values({ ...first, ...second }), 'r one', 'r two'])
  expect({ names, files, bytes }).toEqual({ names: 6, files: texts.size, bytes: [...texts].join('').length })
})

describe('F8: what is not as the database says is found:', () => {
  test('a flipped bit, with the size and the times of the right bytes, once for all its names', async () => {
    await using opened = await published()
    await publishStaged(opened.state, { 'Packages/b/b-1.rpm': 'b one' }, 'r other', 'el8')
    flipBit(opened.at('Packages/b/b-1.rpm'), 3)
    const { found } = await verifyState(opened.state)
    expect(found).toEqual([
      {
        kind: 'rot',
        path: join(opened.state.root, 'el8/Packages/b/b-1.rpm'),
        detail: expect.stringMatching(/^sha256 expected [0-9a-f]{16}\.\.\., found [0-9a-f]{16}\.\.\.$/),
        sha256: sha256Of('b one'),
        repo: 'el8',
        isPooled: true,
        names: 2,
      },
    ])
  })

  test('a file that was cut, one that is gone, one that is another, and a folder that is', async () => {
    await using opened = await published()
    truncateSync(opened.at('Packages/a/a-2.rpm'), 2)
    rmSync(opened.at('Packages/b/b-1.rpm'))
    rmSync(opened.at('repodata'), { recursive: true })
    expect(await toldOf(opened.state)).toEqual([
      `missing ${path}/Packages/b/b-1.rpm`,
      `missing ${path}/repodata/1-primary.xml`,
      `missing ${path}/repodata/2-primary.xml`,
      `missing ${path}/repodata/repomd.xml`,
      `size ${path}/Packages/a/a-2.rpm`,
    ])
  })

  test('files, folders and links that nothing names, which are notes', async () => {
    await using opened = await published()
    const { state, at } = opened
    writeFileSync(at('Packages/NOTES'), 'mine')
    symlinkSync('/etc', at('Packages/etc'))
    mkdirSync(at('other'))
    writeFileSync(at('other/x'), 'x')
    mkdirSync(at('empty'))
    writeFileSync(join(state.root, 'robots.txt'), '')
    writeFileSync(join(state.pool.folder, 'aa/x'), '')
    expect(await toldOf(state)).toEqual([
      `foreign ${path}/Packages/NOTES`,
      `foreign ${path}/Packages/etc`,
      `foreign ${path}/other`,
      'foreign pool/aa/x',
      'foreign robots.txt',
    ])
  })

  test('links and folders in place of files and folders, which are not followed', async () => {
    await using opened = await published()
    const { state, at, site } = opened
    renameSync(at('Packages/b/b-1.rpm'), site.path('elsewhere.rpm'))
    symlinkSync(site.path('elsewhere.rpm'), at('Packages/b/b-1.rpm'))
    renameSync(at('Packages/a'), site.path('a'))
    symlinkSync(site.path('a'), at('Packages/a'))
    rmSync(at('repodata/1-primary.xml'))
    mkdirSync(at('repodata/1-primary.xml'))
    expect(await toldOf(state)).toEqual([
      `link ${path}/Packages/a`,
      `link ${path}/Packages/b/b-1.rpm`,
      `link ${path}/repodata/1-primary.xml`,
    ])
  })

  test('modes by which not everybody can read, or others can write', async () => {
    await using opened = await published()
    chmodSync(opened.at('Packages/a/a-2.rpm'), 0o600)
    chmodSync(opened.at('Packages/b'), 0o777)
    expect(await toldOf(opened.state)).toEqual([`mode ${path}/Packages/a/a-2.rpm`, `mode ${path}/Packages/b`])
  })

  test('a file of its own with the right content, which is a note, and one with another', async () => {
    await using opened = await published()
    const { state, at } = opened
    for (const file of ['Packages/a/a-2.rpm', 'Packages/b/b-1.rpm']) {
      copyFileSync(at(file), at('copy'))
      renameSync(at('copy'), at(file))
    }
    flipBit(at('Packages/b/b-1.rpm'), 0)
    expect(await toldOf(state)).toEqual([`copy ${path}/Packages/a/a-2.rpm`, `rot ${path}/Packages/b/b-1.rpm`])
  })

  test('what only the pool holds: damaged, gone, or a link to something', async () => {
    await using opened = await published()
    const { state } = opened
    const { sha256 } = addContent(state, 'of no generation yet')
    flipBit(state.pool.path(sha256), 9)
    const [gone, linked] = [sha256Of('a two'), sha256Of('p two')]
    rmSync(state.pool.path(gone))
    rmSync(state.pool.path(linked))
    symlinkSync('/etc/passwd', state.pool.path(linked))
    const pooled = (digest: string) => `pool/${digest.slice(0, 2)}/${digest}`
    expect(await toldOf(state)).toEqual(
      [
        `copy ${path}/Packages/a/a-2.rpm`,
        `copy ${path}/repodata/2-primary.xml`,
        `foreign ${pooled(linked)}`,
        `missing ${pooled(gone)}`,
        `missing ${pooled(linked)}`,
        `rot ${pooled(sha256)}`,
      ].sort(),
    )
  })
})

test('what is asked for alone is looked at, and the pool only for what it names', async () => {
  await using opened = await published()
  const { state } = opened
  await publishFiles(state, { 'Packages/c/c-1.rpm': 'c one' }, 'r other', 'el8')
  flipBit(opened.at('Packages/b/b-1.rpm'), 3)
  const only = new Set([repoRow(state.database, { path: 'el8', id: 'el8' })])
  expect(await verifyState(state, only)).toMatchObject({ found: [], names: 2, files: 2 })
})

test('what a prepared generation has not linked yet, and what was withdrawn, is no damage', async () => {
  await using opened = await published()
  const { state, at } = opened
  const { repo } = destination(state)
  const made = { revision: '3', timestamp: 3, packages: 0, bytes: 0, upstreamPackages: 0, trust: 'none' }
  const generation = { ...made, number: 3, state: 'prepared', created: 0, overrides: undefined } as const
  prepareGeneration(state.database, repo, { ...generation, repomd: sha256Of('r three'), superseded: undefined })
  state.database
    .prepare("INSERT INTO member VALUES (?, 'Packages/c/c-1.rpm', 3, NULL, 'package', ?, NULL)")
    .run(repo, Buffer.from(sha256Of('c'), 'hex'))
  const old = sha256Of('a one')
  contentRows(state.database).forget([old])
  rmSync(state.pool.path(old))
  rmSync(at('Packages/a/a-1.rpm'))
  expect(await toldOf(state)).toEqual([`withdrawn ${path}/Packages/a/a-1.rpm`])
})

test('a rate holds it back', async () => {
  await using opened = await openNewState()
  const { state } = opened
  addContent(state, Buffer.alloc(3_000_000))
  const began = performance.now()
  await verify({ ...state, program, rate: 2_000_000, signal: new AbortController().signal })
  expect(performance.now() - began).toBeGreaterThan(1400)
})
