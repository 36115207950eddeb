import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nextTo } from '../../src/store/pool.ts'
import { addContent, type Opened, openNewState, sha256Of } from './opened.ts'

const absent = sha256Of('absent')

test('a file that is taken in has its content’s name, and no other', async () => {
  await using opened = await openNewState()
  const { pool, tmp } = opened.state
  const { sha256 } = addContent(opened.state, 'bytes')
  expect(pool.path(sha256)).toBe(join(opened.site.state, 'pool', sha256.slice(0, 2), sha256))
  expect([pool.size(sha256), readFileSync(pool.path(sha256), 'utf8')]).toEqual([5, 'bytes'])
  expect(readdirSync(tmp)).toEqual(['left'])
})

test('a content that is taken in twice is one file', async () => {
  await using opened = await openNewState()
  const first = addContent(opened.state, 'bytes')
  expect(addContent(opened.state, 'bytes')).toEqual(first)
  expect(readdirSync(join(opened.state.pool.path(first.sha256), '..'))).toEqual([first.sha256])
})

test('what is damaged or gone is told from what is intact', async () => {
  await using opened = await openNewState()
  const { pool } = opened.state
  const { sha256 } = addContent(opened.state, 'bytes')
  expect(await pool.isIntact(sha256)).toBe(true)
  writeFileSync(pool.path(sha256), 'bytez')
  expect(await pool.isIntact(sha256)).toBe(false)
  expect(await pool.isIntact(absent)).toBe(false)
})

describe('linking a content', () => {
  test('makes the path another name of the same file', async () => {
    await using opened = await openNewState()
    const { pool } = opened.state
    const { sha256, target } = prepare(opened)
    expect(pool.link(sha256, target)).toBe(true)
    expect(statSync(target).ino).toBe(statSync(pool.path(sha256)).ino)
    expect(pool.link(sha256, target)).toBe(true)
  })

  test.each([
    ['another file', (target: string) => writeFileSync(target, 'other')],
    ['a copy of it', (target: string) => writeFileSync(target, 'bytes')],
    ['a symbolic link to somewhere', (target: string) => symlinkSync('/etc/hostname', target)],
    ['a symbolic link to nowhere', (target: string) => symlinkSync('nowhere', target)],
  ])('takes the place of %s', async (_, put) => {
    await using opened = await openNewState()
    const { pool } = opened.state
    const { sha256, target } = prepare(opened)
    put(target)
    expect(pool.link(sha256, target)).toBe(true)
    expect(lstatSync(target).ino).toBe(statSync(pool.path(sha256)).ino)
    expect(readdirSync(join(target, '..'))).toEqual(['file'])
  })

  test('is not put off by what a killed process left behind', async () => {
    await using opened = await openNewState()
    const { pool } = opened.state
    const { sha256, target } = prepare(opened)
    writeFileSync(target, 'other')
    linkSync(pool.path(sha256), nextTo(target))
    expect(pool.link(sha256, target)).toBe(true)
    expect(readFileSync(target, 'utf8')).toBe('bytes')
    expect(readdirSync(join(target, '..'))).toEqual(['file'])
  })

  test('that the pool has not is refused, and what is at the path stays', async () => {
    await using opened = await openNewState()
    const { pool } = opened.state
    const { target } = prepare(opened)
    expect(pool.link(absent, target)).toBe(false)
    expect(existsSync(target)).toBe(false)
    writeFileSync(target, 'other')
    expect(pool.link(absent, target)).toBe(false)
    expect(readFileSync(target, 'utf8')).toBe('other')
  })

  test('into a folder that is not there is an error, not a content that is missing', async () => {
    await using opened = await openNewState()
    const { sha256, target } = prepare(opened)
    rmSync(join(target, '..'), { recursive: true })
    expect(() => opened.state.pool.link(sha256, target)).toThrow('ENOENT')
  })
})

/** A content of the pool, and a path in an empty folder below root. */
function prepare({ site, state }: Opened): { sha256: string; target: string } {
  mkdirSync(join(site.root, 'repo'))
  return { sha256: addContent(state, 'bytes').sha256, target: join(site.root, 'repo/file') }
}
