import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseRepomd, type RepomdRecord } from '../../src/repodata/repomd.ts'
import { accepted, compareMetadata, unaccepted } from '../helpers/compareMetadata.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror } from '../helpers/mirror.ts'
import { makeRepository, type RepositoryOptions } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

const demo = join(import.meta.dirname, '../../demo/upstream')

describe('mirror sqliterepo', () => {
  test.skipIf(!judge('sqliterepo_c'))('makes what sqliterepo_c makes of the demo', async () => {
    await using folder = await makeTemporaryFolder()
    const [ours, theirs] = ['ours', 'theirs'].map((name) => join(folder.path, name)) as [string, string]
    for (const copy of [ours, theirs]) cpSync(join(demo, 'repodata'), join(copy, 'repodata'), { recursive: true })
    expect(await runMirror(['sqliterepo', ours])).toMatchObject({ status: 0, stdout: '', stderr: '' })
    execFileSync('sqliterepo_c', ['--compress-type', 'gz', theirs], { stdio: 'pipe' })
    const copied = {
      reason: 'copies of the demo, whose files are of another time',
      matches: /^\w+: \w+: timestamp says/,
    }
    expect(unaccepted(compareMetadata(ours, theirs), '', [...accepted, copied])).toEqual([])
  })

  test
    .skipIf(!judge('sqliterepo_c'))
    .each([[{ order: 'reversed' }], [{ style: 'commented' }], [{ style: 'singleQuoted' }]] satisfies [
      RepositoryOptions,
    ][])('makes what sqliterepo_c makes of documents with %j', async (options) => {
    await using ours = await makeRepo(options)
    await using theirs = await makeRepo(options)
    expect(await runMirror(['sqliterepo', ours.path])).toMatchObject({ status: 0, stdout: '', stderr: '' })
    execFileSync('sqliterepo_c', ['--compress-type', 'gz', theirs.path], { stdio: 'pipe' })
    expect(unaccepted(compareMetadata(ours.path, theirs.path), '').filter((line) => /_db/.test(line))).toEqual([])
  })

  test.skipIf(!judge('createrepo_c', 'sqliterepo_c'))(
    'leaves what createrepo_c and sqliterepo_c go on with',
    async () => {
      await using folder = await makeTemporaryFolder()
      cpSync(demo, folder.path, { recursive: true })
      expect(await runMirror(['sqliterepo', folder.path])).toMatchObject({ status: 0 })
      execFileSync('sqliterepo_c', ['--force', folder.path], { stdio: 'pipe' })
      execFileSync('createrepo_c', ['--quiet', '--update', '--database', folder.path], { stdio: 'pipe' })
      expect(recordsIn(folder.path).map(({ type }) => type)).toEqual(expect.arrayContaining(databases))
    },
  )

  test('adds three records and leaves the others and their files as they are', async () => {
    await using folder = await makeRepo()
    const before = recordsIn(folder.path)
    expect(await runMirror(['sqliterepo', folder.path])).toMatchObject({ status: 0 })
    const after = recordsIn(folder.path)
    expect(after.filter(({ type }) => !databases.includes(type))).toEqual(before)
    for (const record of after.filter(({ type }) => databases.includes(type))) {
      expect(record).toMatchObject({ databaseVersion: '10', openSize: expect.any(Number) })
      expect(record.href).toBe(`repodata/${record.checksum.hex}-${record.type.replace('_db', '')}.sqlite.gz`)
      expect(gunzipSync(readFileSync(join(folder.path, record.href)))).toHaveLength(record.openSize as number)
    }
    expect(readdirSync(folder.path)).not.toContain('.repodata')
  })

  test.each([
    [{ compression: 'zst' }, [], /-primary\.sqlite\.zst$/],
    [{ compression: 'none' }, [], /-primary\.sqlite$/],
    [{ compression: 'none' }, ['--local-sqlite', '--compress-type=gzip'], /-primary\.sqlite\.gz$/],
    [{ simpleNames: true }, ['--compress-type', 'zstd'], /^repodata\/primary\.sqlite\.zst$/],
    [{}, ['--checksum', 'sha512'], /\/[0-9a-f]{128}-primary\.sqlite\.gz$/],
  ] satisfies [RepositoryOptions, string[], RegExp][])(
    'of %j with %j names them as asked',
    async (made, flags, href) => {
      await using folder = await makeRepo(made)
      expect(await runMirror(['sqliterepo', ...flags, folder.path])).toMatchObject({ status: 0 })
      expect(recordsIn(folder.path).find(({ type }) => type === 'primary_db')?.href).toMatch(href)
    },
  )

  test('replaces databases only when told to, and removes them once no client can have them in flight', async () => {
    await using folder = await makeRepo()
    const sqlite = () => readdirSync(join(folder.path, 'repodata')).filter((name) => name.includes('.sqlite'))
    await runMirror(['sqliterepo', folder.path])
    const shown = repomdIn(folder.path)
    expect(await runMirror(['sqliterepo', folder.path])).toMatchObject({
      status: 1,
      stderr: `E_USAGE: ${folder.path}/repodata/repomd.xml names databases already; --force replaces them\n`,
    })
    expect(repomdIn(folder.path)).toEqual(shown)
    const first = sqlite()
    await runMirror(['sqliterepo', '--force', '--compress-type=zstd', folder.path])
    expect(sqlite()).toEqual(expect.arrayContaining(first))
    await runMirror(['sqliterepo', '--force', '--keep-old', '--checksum=sha512', folder.path])
    expect(sqlite()).toHaveLength(9)
    await runMirror(['sqliterepo', '--force', '--compress-type=none', folder.path])
    expect(sqlite()).toHaveLength(6)
  })

  test('removes nothing but databases, however old', async () => {
    await using folder = await makeRepo()
    const old = join(folder.path, 'repodata', 'primary.xml.gz')
    writeFileSync(old, 'kept by --retain-old-md')
    await runMirror(['sqliterepo', folder.path])
    await runMirror(['sqliterepo', '--force', '--compress-type=zstd', folder.path])
    expect(readFileSync(old, 'utf8')).toBe('kept by --retain-old-md')
  })
})

describe('a directory that cannot have databases', () => {
  test.each<[string, RepositoryOptions, (folder: string) => void, RegExp]>([
    [
      'without metadata',
      {},
      (folder) => rmSync(join(folder, 'repodata'), { recursive: true }),
      /^E_REPOMD: .*repomd\.xml does not exist/,
    ],
    ['without filelists', { omit: ['filelists'] }, () => {}, /^E_REPOMD: .*repomd\.xml names no filelists/],
    [
      'with a document that is gone',
      {},
      (folder) => rmSync(fileOf(folder, 'other')),
      /^E_IO: Cannot open .*other\.xml\.gz: no such file/,
    ],
    [
      'with a document that is cut off',
      {},
      (folder) => cut(fileOf(folder, 'primary')),
      /^E_FORMAT: Cannot use .*primary\.xml\.gz: broken gz/,
    ],
    ['with another document in its place', { compression: 'none' }, swap, /^E_\w+: Cannot use .*filelists\.xml: /],
    [
      'with documents that disagree',
      { omitFromFilelists: ['b'] },
      () => {},
      /^E_MISMATCH: only one of primary and filelists describes/,
    ],
  ])('%s is left as it is', async (_, options, spoil, message) => {
    await using folder = await makeRepo(options)
    spoil(folder.path)
    const before = treeOf(folder.path)
    const { status, stderr } = await runMirror(['sqliterepo', folder.path])
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(status).toBe(1)
    expect(treeOf(folder.path)).toEqual(before)
  })

  test.each([
    [['--compress-type', 'zck'], '--compress-type zck: one of gz, zstd, xz, bz2 or none is expected'],
    [['--checksum', 'crc32'], '--checksum crc32: one of md5, sha1,'],
  ])('%j is refused', async (flags, message) => {
    const { status, stderr } = await runMirror(['sqliterepo', ...flags, '/nowhere'])
    expect([status, stderr]).toEqual([1, expect.stringContaining(`E_USAGE: ${message}`)])
  })
})

const databases = ['primary_db', 'filelists_db', 'other_db']

async function makeRepo(options: RepositoryOptions = {}) {
  const folder = await makeTemporaryFolder()
  await makeRepository(folder.path, [{ name: 'a' }, { name: 'b' }], options)
  return folder
}

function repomdIn(folder: string): string {
  return readFileSync(join(folder, 'repodata/repomd.xml'), 'utf8')
}

function recordsIn(folder: string): RepomdRecord[] {
  return parseRepomd(Buffer.from(repomdIn(folder))).records
}

function fileOf(folder: string, type: string): string {
  return join(folder, recordsIn(folder).find((record) => record.type === type)?.href as string)
}

function cut(file: string): void {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, bytes.length - 20))
}

function swap(folder: string): void {
  cpSync(fileOf(folder, 'other'), fileOf(folder, 'filelists'))
}

function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
}
