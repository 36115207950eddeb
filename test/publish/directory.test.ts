import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { publishSet } from '../../src/publish/directory.ts'
import { stage } from '../../src/publish/staging.ts'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { checkTree } from '../helpers/checker.ts'
import { makeRepository } from '../helpers/repository.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'
import { modeOf, namedFiles, publishLike, shownNames, stagedLike } from './sets.ts'
import { stageFile } from './stageFile.ts'

const foreign = ['notes.txt', `${'0'.repeat(64)}-notes.txt`, 'repomd.xml.key', 'productid']

test('what is published is whole, named by its checksums and readable for all', async () => {
  await using place = await makePlace()
  const umask = process.umask(0o077)
  await publishLike(place.one, place.dir)
  process.umask(umask)
  expect(await wholeness(place.dir)).toEqual([])
  expect(shownNames(place.dir)).toEqual([...namedFiles(place.dir), 'repomd.xml'].sort())
  for (const name of namedFiles(place.dir)) expect(name).toMatch(/^[0-9a-f]{64}-(primary|filelists|other)\.xml\.gz$/)
  expect(modeOf(join(place.dir, 'repodata'))).toBe('755')
  for (const name of shownNames(place.dir)) expect(modeOf(join(place.dir, 'repodata', name))).toBe('644')
  expect(readdirSync(place.dir)).toEqual(['repodata'])
})

test('timestamps are those of the files', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir)
  for (const { href, timestamp } of recordsOf(place.dir))
    expect(timestamp).toBe(Math.floor(statSync(join(place.dir, href)).mtimeMs / 1000))
})

test('one timestamp for all makes repomd.xml reproducible', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir, { timestamp: 1_700_000_000 })
  expect(recordsOf(place.dir).map(({ timestamp }) => timestamp)).toEqual([1_700_000_000, 1_700_000_000, 1_700_000_000])
  for (const { href } of recordsOf(place.dir)) expect(statSync(join(place.dir, href)).mtimeMs).toBe(1_700_000_000_000)
})

test('with simple names files are called by what they are, and two different ones cannot share a name', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir, { names: 'simple' })
  expect(shownNames(place.dir)).toEqual(['filelists.xml.gz', 'other.xml.gz', 'primary.xml.gz', 'repomd.xml'])
  await publishLike(place.two, place.dir, { names: 'simple' })
  expect(await wholeness(place.dir)).toEqual([])
  await using staging = await stage(place.dir)
  const set = await stagedLike(place.one, staging)
  const staged = set.staged.map((record) => ({ ...record, name: 'primary.xml.gz' }))
  await expect(publishSet(staging, { ...set, staged }, { names: 'simple' })).rejects.toMatchObject({ code: 'E_PATH' })
  expect(await wholeness(place.dir)).toEqual([])
})

test.each(['../primary.xml', 'a/b', '.hidden', 'repomd.xml', ''])('a file cannot be called %j', async (name) => {
  await using place = await makePlace()
  await using staging = await stage(place.dir)
  const set = await stagedLike(place.one, staging)
  const staged = set.staged.map((record) => ({ ...record, name }))
  await expect(publishSet(staging, { ...set, staged })).rejects.toMatchObject({ code: 'E_PATH' })
})

test('a file that is there with the same content is not touched; one that was damaged is put right', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir)
  const [kept = '', damaged = ''] = namedFiles(place.dir).map((name) => join(place.dir, 'repodata', name))
  const { ino } = statSync(kept)
  writeFileSync(damaged, 'damaged')
  expect(await publishLike(place.one, place.dir, { unlessSame: true })).toMatchObject({ changed: true })
  expect(statSync(kept).ino).toBe(ino)
  expect(await wholeness(place.dir)).toEqual([])
})

describe('nothing is published where only revision and timestamps would change', () => {
  test('repomd.xml keeps its bytes and its signature', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    writeFileSync(join(place.dir, 'repodata/repomd.xml.asc'), 'signature')
    const before = readFileSync(join(place.dir, 'repodata/repomd.xml'), 'utf8')
    await makeRepository(place.one, packages('0'), { revision: '1800000000' })
    expect(await publishLike(place.one, place.dir, { unlessSame: true })).toMatchObject({ changed: false })
    expect(readFileSync(join(place.dir, 'repodata/repomd.xml'), 'utf8')).toBe(before)
    expect(shownNames(place.dir)).toContain('repomd.xml.asc')
    expect(readdirSync(place.dir)).toEqual(['repodata'])
  })

  test.each<[string, object]>([
    ['it is not asked for', {}],
    ['a number of old copies is given', { unlessSame: true, retainOldMd: 0 }],
    ['an age is given', { unlessSame: true, retainOldMdByAge: 60 }],
  ])('unless %s', async (_, policy) => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    expect(await publishLike(place.one, place.dir, policy)).toMatchObject({ changed: true })
  })
})

describe('superseded files', () => {
  test('are only those in repodata/, whatever a repomd.xml names elsewhere', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    const file = join(place.dir, 'repodata/repomd.xml')
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/href="[^"]*filelists[^"]*"/, 'href="../elsewhere/notes.txt"'),
    )
    writeFileSync(join(place.dir, 'repodata/notes.txt'), '')
    await publishLike(place.two, place.dir, { retainOldMd: 0 })
    expect(shownNames(place.dir)).toContain('notes.txt')
  })

  test('stay for one more publish by default, others go, foreign ones never', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    for (const name of foreign) writeFileSync(join(place.dir, 'repodata', name), '')
    const one = namedFiles(place.dir)
    await publishLike(place.two, place.dir)
    const two = namedFiles(place.dir)
    expect(shownNames(place.dir)).toEqual([...one, ...two, ...foreign, 'repomd.xml'].sort())
    await publishLike(place.three, place.dir)
    expect(shownNames(place.dir)).toEqual([...two, ...namedFiles(place.dir), ...foreign, 'repomd.xml'].sort())
  })

  test('stay in the given number of copies, the newest of each kind', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir, { timestamp: 1_700_000_000 })
    await publishLike(place.two, place.dir, { timestamp: 1_700_000_001, retainOldMd: 2 })
    const two = namedFiles(place.dir)
    await publishLike(place.three, place.dir, { timestamp: 1_700_000_002, retainOldMd: 1 })
    expect(shownNames(place.dir)).toEqual([...two, ...namedFiles(place.dir), 'repomd.xml'].sort())
    await publishLike(place.one, place.dir, { retainOldMd: 0 })
    expect(shownNames(place.dir)).toEqual([...namedFiles(place.dir), 'repomd.xml'].sort())
  })

  test('stay for the given time after they were written', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    const [aged = '', ...young] = namedFiles(place.dir)
    const time = Date.now() / 1000 - 120
    utimesSync(join(place.dir, 'repodata', aged), time, time)
    await publishLike(place.two, place.dir, { retainOldMdByAge: 60 })
    expect(shownNames(place.dir)).toEqual([...young, ...namedFiles(place.dir), 'repomd.xml'].sort())
  })

  test('of any kind go whose name begins with their own checksum', async () => {
    await using place = await makePlace()
    await publishLike(place.one, place.dir)
    await using staging = await stage(place.dir)
    const { file, checksum } = await stageFile(
      join(place.one, 'repodata/repomd.xml'),
      join(staging.folder, 'comps.xml'),
    )
    const name = `${checksum.hex}-comps.xml`
    writeFileSync(join(place.dir, 'repodata', name), readFileSync(file))
    await publishSet(staging, await stagedLike(place.two, staging))
    expect(shownNames(place.dir)).not.toContain(name)
  })
})

test('something else in the place of repodata is named', async () => {
  await using place = await makePlace()
  writeFileSync(join(place.dir, 'repodata'), '')
  await expect(publishLike(place.one, place.dir)).rejects.toThrow(/repodata is there, but is no folder; remove it/)
})

test('a signature goes with the repomd.xml that it signed, a key stays', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir)
  for (const name of ['repomd.xml.asc', 'repomd.xml.key']) writeFileSync(join(place.dir, 'repodata', name), '')
  await publishLike(place.two, place.dir)
  expect(shownNames(place.dir).filter((name) => name.startsWith('repomd'))).toEqual(['repomd.xml', 'repomd.xml.key'])
})

test('a repomd.xml that cannot be read is replaced with a notice, and nothing beside it is removed', async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir)
  const one = namedFiles(place.dir)
  writeFileSync(join(place.dir, 'repodata/repomd.xml'), 'half')
  const notices: string[] = []
  await publishLike(place.two, place.dir, {}, notices)
  expect(notices).toEqual([expect.stringMatching(/repomd\.xml, which is replaced, cannot be read \(not a repomd\.xml/)])
  expect(shownNames(place.dir)).toEqual([...one, ...namedFiles(place.dir), 'repomd.xml'].sort())
})

const otherDevice = '/dev/shm'
const hasOtherDevice = statSync(otherDevice, { throwIfNoEntry: false })?.dev !== statSync(import.meta.dirname).dev

test.skipIf(!hasOtherDevice)('a repodata that is a link to another file system is published into', async () => {
  await using place = await makePlace()
  const elsewhere = join(otherDevice, `mirror-test-${process.pid}`)
  mkdirSync(elsewhere)
  try {
    symlinkSync(elsewhere, join(place.dir, 'repodata'))
    await publishLike(place.one, place.dir)
    expect(await wholeness(place.dir)).toEqual([])
    expect(shownNames(place.dir)).toHaveLength(4)
  } finally {
    rmSync(elsewhere, { recursive: true })
  }
})

test('a reader finds a whole repository at any instant, and so does whoever comes after a kill', {
  timeout: 120_000,
}, async () => {
  await using place = await makePlace()
  await publishLike(place.one, place.dir)
  const revisions = new Set<string>()
  for (let kills = 0; kills < 12; kills++) {
    const publisher = start(place.dir, place.one, place.two)
    await once(publisher.stdout as NodeJS.EventEmitter, 'data')
    const until = Date.now() + 50 + Math.random() * 100
    while (Date.now() < until) revisions.add((await readWhole(place.dir)).revision)
    publisher.kill('SIGKILL')
    await once(publisher, 'close')
    await readWhole(place.dir)
  }
  expect(revisions.size).toBe(2)
  const notices: string[] = []
  await publishLike(place.three, place.dir, { retainOldMd: 0 }, notices)
  expect(shownNames(place.dir)).toEqual([...namedFiles(place.dir), 'repomd.xml'].sort())
})

async function readWhole(dir: string) {
  const report = await checkTree(dir, { verifyPackages: 'none' })
  expect(report.problems).toEqual([])
  return report
}

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, 'publisher.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function wholeness(dir: string): Promise<string[]> {
  return (await checkTree(dir, { verifyPackages: 'none' })).problems
}

function recordsOf(dir: string) {
  return parseRepomd(readFileSync(join(dir, 'repodata/repomd.xml'))).records
}

type Place = AsyncDisposable & { dir: string; one: string; two: string; three: string }

/** Three repositories to publish like, and an empty directory to publish in. */
async function makePlace(): Promise<Place> {
  const folder: TemporaryFolder = await makeTemporaryFolder()
  const [dir, one, two, three] = ['dir', 'one', 'two', 'three'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
    string,
  ]
  mkdirSync(dir)
  for (const [i, at] of [one, two, three].entries())
    await makeRepository(at, packages(`${i}`), { revision: `170000000${i}` })
  return { dir, one, two, three, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

function packages(version: string) {
  return Array.from({ length: 5 }, (_, i) => ({ name: `package${i}`, version }))
}
