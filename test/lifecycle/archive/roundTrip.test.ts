import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { judge } from '../../helpers/judges.ts'
import { startPair } from './pair.ts'

const packages = (version: string) => [
  { name: 'almanac', version, size: 3000 },
  { name: 'foghorn', version: '1' },
  { name: 'lantern', version, size: 1 },
]

describe('an archive', () => {
  test('carries a repository over byte for byte', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    const { files, sha256, bytes } = await pair.export('one.tar')
    expect(files).toEqual([pair.file('one.tar')])
    expect(bytes).toBeGreaterThan(3000)
    expect(await pair.import('one.tar')).toEqual(['base published 1'])
    const { problems, packages: found } = await checkTree(join(pair.far.root, 'el9/base'))
    expect({ problems, count: found.length }).toEqual({ problems: [], count: 3 })
    execFileSync('diff', ['-r', join(pair.near.root, 'el9'), join(pair.far.root, 'el9')])
    expect(sha256).toMatch(/^[0-9a-f]{64}$/)
  })

  test('that is imported twice changes nothing the second time, and puts back what was deleted', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    await pair.export('one.tar')
    await pair.import('one.tar')
    const before = pair.shown()
    expect(await pair.import('one.tar')).toEqual(['base unchanged 1'])
    expect(pair.shown()).toEqual(before)
    rmSync(join(pair.far.root, 'el9/base/Packages/a'), { recursive: true })
    expect(await pair.import('one.tar')).toEqual(['base unchanged 1'])
    expect((await checkTree(join(pair.far.root, 'el9/base'))).problems).toEqual([])
  })

  test('holds each content once, whichever repositories have it', async () => {
    await using pair = await startPair(['base', 'copy'])
    await pair.sync(packages('1'), 'base')
    await pair.sync(packages('1'), 'copy')
    const { manifest } = await pair.export('both.tar')
    const members = manifest.repos.flatMap((repo) => repo.members.map(({ sha256 }) => sha256))
    expect(members.length).toBeGreaterThan(manifest.contents.length)
    expect(await pair.import('both.tar')).toEqual(['base published 1', 'copy published 1'])
    for (const id of ['base', 'copy']) expect((await checkTree(join(pair.far.root, 'el9', id))).problems).toEqual([])
  })

  test('can be of some repositories', async () => {
    await using pair = await startPair(['base', 'other'])
    await pair.sync(packages('1'), 'base')
    expect((await pair.export('one.tar', { ids: ['base'] })).manifest.repos.map(({ id }) => id)).toEqual(['base'])
    await expect(pair.export('two.tar')).rejects.toMatchObject({
      line: 'E_USAGE other: nothing is published yet: mirror sync other',
    })
    expect(readdirSync(pair.near.dir).filter((name) => name.includes('two'))).toEqual([])
  })

  test('is looked through by a dry run, which leaves nothing behind', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    await pair.export('one.tar')
    expect(await pair.import('one.tar', { dryRun: true })).toEqual(['base published null'])
    expect(pair.shown()).toEqual([])
    expect(poolOf(pair.far.state)).toEqual([])
    expect(readdirSync(join(pair.far.state, 'tmp'))).toEqual(['left'])
  })

  test('is never written over another file, and leaves none behind where it cannot be written', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    writeFileSync(pair.file('one.tar'), 'mine')
    await expect(pair.export('one.tar')).rejects.toMatchObject({
      line: `E_USAGE: ${pair.file('one.tar')} is there already; remove it or name another file`,
    })
    expect(readFileSync(pair.file('one.tar'), 'utf8')).toBe('mine')
    const [name = ''] = poolOf(pair.near.state)
    const file = join(pair.near.state, 'pool', name)
    writeFileSync(file, Buffer.alloc(readFileSync(file).length, 'x'))
    await expect(pair.export('two.tar')).rejects.toMatchObject({
      code: 'E_CHECKSUM',
      message: expect.stringMatching(
        /^Cannot export .* it is damaged, sha256 expected .*; mirror verify --repair, then export again$/,
      ),
    })
    expect(readdirSync(pair.near.dir).filter((entry) => entry.includes('two'))).toEqual([])
  })
})

describe('GNU tar and Python', () => {
  test.skipIf(!judge('tar'))('read an archive, and sha256sum checks its manifest', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    const { manifest } = await pair.export('one.tar')
    const listed = execFileSync('tar', ['tf', pair.file('one.tar')], { encoding: 'utf8' })
      .trim()
      .split('\n')
    const contents = manifest.contents.map(({ sha256 }) => `contents/${sha256}`)
    expect(listed).toEqual(['manifest.json', 'manifest.json.sha256', ...contents])
    const out = join(pair.near.dir, 'out')
    execFileSync('mkdir', [out])
    execFileSync('tar', ['xf', pair.file('one.tar'), '-C', out])
    execFileSync('sha256sum', ['-c', '--status', 'manifest.json.sha256'], { cwd: out })
    const sums = manifest.contents.map(({ sha256 }) => `${sha256}  contents/${sha256}\n`).join('')
    execFileSync('sha256sum', ['-c', '--status'], { cwd: out, input: sums })
  })

  test.skipIf(!judge('python3'))('agree on its names, sizes and times', async () => {
    await using pair = await startPair()
    await pair.sync(packages('1'))
    const { manifest } = await pair.export('one.tar')
    const code = `import json, sys, tarfile
with tarfile.open(sys.argv[1]) as tar: print(json.dumps([[m.name, m.size, m.isfile(), m.mode] for m in tar]))`
    const read = JSON.parse(
      execFileSync('python3', ['-c', code, pair.file('one.tar')], { encoding: 'utf8' }),
    ) as unknown[]
    const contents = manifest.contents.map(({ sha256, size }) => [`contents/${sha256}`, size, true, 0o644])
    expect(read.slice(2)).toEqual(contents)
  })
})

describe('parts', () => {
  test('are an archive when they are put together, and each is checked by sha256sum', async () => {
    await using pair = await startPair()
    await pair.sync(many)
    const { files } = await pair.export('one.tar', { partBytes: 65536 })
    expect(files.length).toBeGreaterThan(3)
    execFileSync('sha256sum', ['-c', '--status', 'one.tar.sha256'], { cwd: pair.near.dir })
    const whole = Buffer.concat(files.map((file) => readFileSync(file)))
    const listed = execFileSync('tar', ['tf', '-'], { input: whole, encoding: 'utf8' })
    expect(listed).toMatch(/^manifest\.json\n/)
    expect(await pair.import('one.tar')).toEqual(['base published 1'])
    expect(await pair.import('one.tar.001')).toEqual(['base unchanged 1'])
    expect((await checkTree(join(pair.far.root, 'el9/base'))).problems).toEqual([])
  })
})

const many = Array.from({ length: 12 }, (_, i) => ({ name: `p${i}`, size: 20_000 }))

function poolOf(state: string): string[] {
  const names = readdirSync(join(state, 'pool'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.includes('/'))
}
