import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { release } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { fsyncDirectory, makeDurable, writeFileAtomic } from '../../src/store/durable.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const [major = 0, minor = 0] = release().split('.').map(Number)
const hasHonestSyncfs = process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 8))
if (!hasHonestSyncfs) console.warn('skipped: syncfs does not report errors before Linux 5.8')

const path = process.env.PATH ?? ''
afterEach(() => {
  process.env.PATH = path
})

describe('making files durable', () => {
  test('few of them need no other program', async () => {
    await using folder = await makeTemporaryFolder()
    const called = interpose(folder.path, 'exit 1')
    await makeDurable(makeFiles(folder.path, 64), [folder.path, folder.path])
    expect(existsSync(called)).toBe(false)
  })

  test('none of few may be missing', async () => {
    await using folder = await makeTemporaryFolder()
    await expect(makeDurable([join(folder.path, 'absent')], [])).rejects.toThrow('ENOENT')
    await expect(makeDurable([], [join(folder.path, 'absent')])).rejects.toThrow('ENOENT')
    await makeDurable([], [])
  })

  test.skipIf(!hasHonestSyncfs)('many of them are one sync of their file system', async () => {
    await using folder = await makeTemporaryFolder()
    const files = makeFiles(folder.path, 65)
    const called = interpose(folder.path, 'exec "$real" "$@"')
    await makeDurable(files, [folder.path])
    expect(readFileSync(called, 'utf8')).toBe(`-f -- ${files[0]}\n`)
  })

  test.skipIf(!hasHonestSyncfs)('a sync that fails is an error with what it said', async () => {
    await using folder = await makeTemporaryFolder()
    const files = makeFiles(folder.path, 65)
    interpose(folder.path, 'echo "sync: error syncing: Input/output error" >&2; exit 1')
    await expect(makeDurable(files, [])).rejects.toThrow(
      `sync -f ${files[0]} failed: sync: error syncing: Input/output error`,
    )
  })

  test.skipIf(!hasHonestSyncfs)('a system without sync is an error that names it', async () => {
    await using folder = await makeTemporaryFolder()
    const files = makeFiles(folder.path, 65)
    process.env.PATH = folder.path
    const message = `Cannot run sync -f ${files[0]}: no such file or directory`
    await expect(makeDurable(files, [])).rejects.toMatchObject({ code: 'E_IO', message })
  })
})

describe('writing a file in one step', () => {
  test('gives it all of the bytes, for everybody to read, and leaves nothing beside it', async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'file')
    writeFileAtomic(file, 'schön')
    expect(readFileSync(file, 'utf8')).toBe('schön')
    writeFileAtomic(file, Buffer.from([0, 255]))
    expect([...readFileSync(file)]).toEqual([0, 255])
    expect((statSync(file).mode & 0o777).toString(8)).toBe('644')
    expect(readdirSync(folder.path)).toEqual(['file'])
  })

  test('makes it a new file, so that whoever has the old one open or linked keeps it', async () => {
    await using folder = await makeTemporaryFolder()
    const file = join(folder.path, 'file')
    writeFileSync(join(folder.path, 'elsewhere'), 'old')
    symlinkSync('elsewhere', file)
    writeFileAtomic(file, 'new')
    expect([readFileSync(file, 'utf8'), readFileSync(join(folder.path, 'elsewhere'), 'utf8')]).toEqual(['new', 'old'])
  })

  test('does nothing to what is there when it cannot', async () => {
    await using folder = await makeTemporaryFolder()
    mkdirSync(join(folder.path, 'file'))
    expect(() => writeFileAtomic(join(folder.path, 'file'), 'new')).toThrow('EISDIR')
    expect(statSync(join(folder.path, 'file')).isDirectory()).toBe(true)
  })
})

test('a directory that is not there cannot be made durable', async () => {
  await using folder = await makeTemporaryFolder()
  fsyncDirectory(folder.path)
  expect(() => fsyncDirectory(join(folder.path, 'absent'))).toThrow('ENOENT')
})

function makeFiles(folder: string, count: number): string[] {
  const files = Array.from({ length: count }, (_, i) => join(folder, `file${i}`))
  for (const file of files) writeFileSync(file, 'x')
  return files
}

/** Puts a script first on PATH as `sync`; returns the file to which each call adds its arguments. */
function interpose(folder: string, script: string): string {
  const real = path.split(delimiter).find((entry) => existsSync(join(entry, 'sync'))) ?? ''
  const called = join(folder, 'called')
  mkdirSync(join(folder, 'bin'))
  const text = `#!/bin/sh\nreal=${join(real, 'sync')}\necho "$*" >> ${called}\n${script}\n`
  writeFileSync(join(folder, 'bin/sync'), text)
  chmodSync(join(folder, 'bin/sync'), 0o755)
  process.env.PATH = `${join(folder, 'bin')}${delimiter}${path}`
  return called
}
