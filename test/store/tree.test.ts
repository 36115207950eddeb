import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openTree } from '../../src/store/tree.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

describe('the published directory', () => {
  test('has the files that are there, at any depth', async () => {
    await using folder = await makeTemporaryFolder()
    mkdirSync(join(folder.path, 'a/b/Packages/x'), { recursive: true })
    writeFileSync(join(folder.path, 'a/b/Packages/x/xz.rpm'), '')
    writeFileSync(join(folder.path, 'a/b/top'), '')
    const tree = openTree(folder.path, 'a/b')
    const names = ['Packages/x/xz.rpm', 'top', 'Packages/x', 'Packages/x/yz.rpm', 'Packages/y/xz.rpm', 'xz.rpm']
    expect(names.filter((name) => tree.has(name))).toEqual(['Packages/x/xz.rpm', 'top', 'Packages/x'])
    expect(tree.absolute('top')).toBe(join(folder.path, 'a/b/top'))
  })

  test('of a repository that was never published is empty', async () => {
    await using folder = await makeTemporaryFolder()
    expect(openTree(folder.path, 'a').has('repodata/repomd.xml')).toBe(false)
  })

  test('is read once: what is removed later is still said to be there', async () => {
    await using folder = await makeTemporaryFolder()
    mkdirSync(join(folder.path, 'a'))
    writeFileSync(join(folder.path, 'a/file'), '')
    const tree = openTree(folder.path, 'a')
    expect(tree.has('other')).toBe(false)
    rmSync(join(folder.path, 'a/file'))
    expect([tree.has('file'), openTree(folder.path, 'a').has('file')]).toEqual([true, false])
  })
})

describe('making a file’s directory', () => {
  test('makes all of its path, for everybody to read, and takes what is there', async () => {
    await using folder = await makeTemporaryFolder()
    const tree = openTree(folder.path, 'a/b')
    const directory = join(folder.path, 'a/b/Packages/x')
    expect(tree.makeDirectory('Packages/x/xz.rpm')).toBe(directory)
    expect(tree.makeDirectory('Packages/x/yz.rpm')).toBe(directory)
    expect((statSync(directory).mode & 0o777).toString(8)).toBe('755')
    expect(readdirSync(directory)).toEqual([])
  })

  test.each([
    ['the repository’s directory', 'a'],
    ['a directory in it', 'a/Packages'],
  ])('K3, F6: refuses a symbolic link in place of %s, and follows none', async (_, place) => {
    await using folder = await makeTemporaryFolder()
    const [root, elsewhere] = [join(folder.path, 'root'), join(folder.path, 'elsewhere')]
    mkdirSync(join(root, place, '..'), { recursive: true })
    mkdirSync(elsewhere)
    symlinkSync(elsewhere, join(root, place))
    const message = `${join(root, place)} is not a directory of its own (a link or file is in its place); remove it`
    const make = () => openTree(root, 'a').makeDirectory('Packages/x/xz.rpm')
    expect(make).toThrow(expect.objectContaining({ code: 'E_ROOT', message }))
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('refuses a file in place of a directory', async () => {
    await using folder = await makeTemporaryFolder()
    writeFileSync(join(folder.path, 'a'), '')
    const make = () => openTree(folder.path, 'a').makeDirectory('Packages/x/xz.rpm')
    expect(make).toThrow(expect.objectContaining({ code: 'E_ROOT' }))
  })
})
