import { mkdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { realRoot } from '../../src/serve/file.ts'
import { findBelow } from '../../src/serve/find.ts'
import { aClient, tree } from './serving.ts'

/** A look at a root's file, by its path, as text; the very same object comes back while the file is remembered. */
function looking(root: string): (path: string) => Buffer | undefined {
  const find = findBelow(realRoot(root))
  return (path) => {
    const file = find(path.split('/'), aClient())
    return file !== undefined && 'bytes' in file ? file.bytes : undefined
  }
}

const time = new Date('2024-01-01T00:00:00Z')

test('a small file that stood still is remembered, and no change of it, of its name or of a folder is missed', async () => {
  const names = ['renamed', 'written', 'removed', 'replaced', 'next', 'outside/moved', 'moved/moved']
  const root = tree(Object.fromEntries(names.map((name) => [name, `<${name}>`])))
  const look = looking(root)
  const young = look('renamed')
  expect(look('renamed')).not.toBe(young)
  for (const name of names) utimesSync(join(root, name), time, time)
  await wait(2100)
  const first = names.map(look)
  expect(names.map(look).every((bytes, at) => bytes === first[at])).toBe(true)

  renameSync(join(root, 'next'), join(root, 'renamed'))
  expect(look('renamed')?.toString()).toBe('<next>')
  writeFileSync(join(root, 'written'), '<WRITTEN>')
  utimesSync(join(root, 'written'), time, time)
  expect(statSync(join(root, 'written')).mtime).toEqual(time)
  expect(look('written')?.toString()).toBe('<WRITTEN>')
  rmSync(join(root, 'removed'))
  expect(look('removed')).toBeUndefined()
  rmSync(join(root, 'replaced'))
  symlinkSync('written', join(root, 'replaced'))
  expect(readlinkSync(join(root, 'replaced'))).toBe('written')
  expect(look('replaced')).toBeUndefined()
  renameSync(join(root, 'moved'), join(root, 'elsewhere'))
  symlinkSync('outside', join(root, 'moved'))
  expect(look('moved/moved')).toBeUndefined()
})

test('a thousand small files are served, of which the last ones are remembered', async () => {
  const root = tree({})
  mkdirSync(join(root, 'many'))
  const names = Array.from({ length: 1000 }, (_, n) => `many/${n}`)
  for (const name of names) writeFileSync(join(root, name), name)
  await wait(2100)
  const look = looking(root)
  const all = names.map(look)
  expect(all.map(String)).toEqual(names)
  expect(look('many/999')).toBe(all[999])
  expect(look('many/0')).not.toBe(all[0])
})
