import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openState, type Places } from '../../src/store/state.ts'
import { makeSite } from '../helpers/mirror.ts'
import { addContent, openNewState } from './opened.ts'

describe('a new state', () => {
  test('makes its folders and root, and marks root as its own', async () => {
    await using site = await makeSite()
    const places = { root: site.path('new/www'), state: site.path('new/state') }
    openAndClose(places)
    expect(readdirSync(places.state).sort()).toEqual(['lock', 'lock.workers', 'mirror.db', 'pool', 'tmp'])
    expect(readdirSync(places.root)).toEqual(['.mirror'])
    const shards = readdirSync(join(places.state, 'pool')).sort()
    expect([shards.length, shards[0], shards.at(-1)]).toEqual([256, '00', 'ff'])
    openAndClose(places)
  })

  test('begins in a root that holds nothing but lost+found', async () => {
    await using site = await makeSite()
    mkdirSync(join(site.root, 'lost+found'))
    openAndClose(site)
    expect(existsSync(join(site.root, '.mirror'))).toBe(true)
  })

  test('begins where a kill cut short its first beginning', async () => {
    await using site = await makeSite()
    writeFileSync(join(site.root, '.mirror.4711.new'), '')
    openAndClose(site)
  })

  test('leaves nothing of its trial link, and is not put off by the one of a killed process with its id', async () => {
    await using site = await makeSite()
    openAndClose(site)
    writeFileSync(join(site.root, `.probe-${process.pid}`), '')
    openAndClose(site)
    expect(readdirSync(site.root)).toEqual(['.mirror'])
  })

  test('is refused where its folders cannot be made', async () => {
    await using site = await makeSite()
    writeFileSync(site.path('file'), '')
    const places = { root: site.root, state: site.path('file/state') }
    const message = `Cannot use ${places.state} and ${places.root}: a part of the path is not a directory`
    expect(() => openState(places, 'a test')).toThrow(expect.objectContaining({ code: 'E_IO', message }))
  })
})

describe('a root that is not the state’s own is refused', () => {
  test('where it holds somebody’s files', async () => {
    await using site = await makeSite()
    writeFileSync(join(site.root, 'index.html'), '')
    expectRefused(site, `${site.root} holds files that this program did not publish and no .mirror; name an empty`)
    expect(readdirSync(site.root)).toEqual(['index.html'])
  })

  test('where it belongs to another state', async () => {
    await using site = await makeSite()
    openAndClose(site)
    const other = { root: site.root, state: site.path('other') }
    const id = readFileSync(join(site.root, '.mirror'), 'utf8').trim()
    expectRefused(other, `${site.root} belongs to another state (${site.root}/.mirror holds ${id}); name that state`)
    openAndClose(site)
  })

  test('F5: where it was published into and is empty now, as a mount point without its file system', async () => {
    await using opened = await openNewState()
    const { site, state } = opened
    state.database.exec(`INSERT INTO repo VALUES (1, 'a', 'a');
      INSERT INTO generation VALUES (1, 1, 'published', x'00', '', 0, 0, NULL, 0, 0, 0, 'none', NULL, NULL)`)
    state.close()
    renameSync(site.root, site.path('unmounted'))
    mkdirSync(site.root)
    expectRefused(site, `${site.root} was published into before and has no .mirror now: is its file system mounted?`)
    rmSync(site.root, { recursive: true })
    expectRefused(site, 'is its file system mounted?')
    expect(existsSync(site.root)).toBe(false)
  })

  test('and what the message says to do to publish anew works', async () => {
    await using opened = await openNewState()
    const { site, state } = opened
    state.database.exec(`INSERT INTO repo VALUES (1, 'a', 'a');
      INSERT INTO generation VALUES (1, 1, 'published', x'00', '', 0, 0, NULL, 0, 0, 0, 'none', NULL, NULL)`)
    state.close()
    rmSync(join(site.root, '.mirror'))
    const [, id, marker] = /echo (\S+) > (\S+)$/.exec(refusal(site)) ?? []
    writeFileSync(marker as string, `${id}\n`)
    openAndClose(site)
  })
})

const memory = '/dev/shm'
const hasSecondDevice = existsSync(memory) && statSync(memory).dev !== statSync(tmpdir()).dev
if (!hasSecondDevice) console.warn(`skipped: ${memory} is no second file system`)

test.skipIf(!hasSecondDevice)('F7: a root on another file system is refused, since links cannot reach it', async () => {
  await using site = await makeSite()
  const root = mkdtempSync(join(memory, 'mirror-test-'))
  try {
    expectRefused({ root, state: site.state }, `Files of ${site.state} cannot be linked into ${root}: EXDEV`)
    expect(readdirSync(root)).toEqual(['.mirror'])
    expect(readdirSync(join(site.state, 'tmp'))).toEqual(['left'])
  } finally {
    rmSync(root, { recursive: true })
  }
})

describe('what a killed run left in tmp/', () => {
  test('C8: parts of downloads wait in left/, everything else goes', async () => {
    await using site = await makeSite()
    openAndClose(site)
    const tmp = join(site.state, 'tmp')
    const put = (name: string, text: string) => {
      mkdirSync(dirname(join(tmp, name)), { recursive: true })
      writeFileSync(join(tmp, name), text)
    }
    put('sha256-aa.part', 'some bytes')
    put('sha256-bb.part', '')
    put('primary-12.new', 'half')
    put('primary-12.spill', 'half')
    put('staging/repodata/x', 'half')
    put('left/sha256-cc.part', 'older bytes')
    openAndClose(site)
    expect(readdirSync(tmp)).toEqual(['left'])
    expect(readdirSync(join(tmp, 'left')).sort()).toEqual(['sha256-aa.part', 'sha256-cc.part'])
    expect(readFileSync(join(tmp, 'left/sha256-aa.part'), 'utf8')).toBe('some bytes')
  })

  test('C8: 10,000 files are gone within seconds; links are not followed', async () => {
    await using site = await makeSite()
    openAndClose(site)
    const tmp = join(site.state, 'tmp')
    for (let i = 0; i < 10_000; i++) writeFileSync(join(tmp, `primary-${i}.new`), '')
    const precious = site.path('precious')
    mkdirSync(precious)
    writeFileSync(join(precious, 'file'), 'x')
    symlinkSync(precious, join(tmp, 'folder'))
    symlinkSync(site.path('nowhere'), join(tmp, 'dangling'))
    symlinkSync(site.path('nowhere'), join(tmp, 'dangling.part'))
    symlinkSync(site.path('nowhere'), join(tmp, 'left/dangling.part'))
    const began = process.cpuUsage()
    openAndClose(site)
    const { user, system } = process.cpuUsage(began)
    expect((user + system) / 1e6).toBeLessThan(5)
    expect([readdirSync(tmp), readdirSync(join(tmp, 'left'))]).toEqual([['left'], []])
    expect(readFileSync(join(precious, 'file'), 'utf8')).toBe('x')
  })

  test('a part that nobody took up for a week goes too', async () => {
    await using site = await makeSite()
    openAndClose(site)
    const days = (count: number) => Date.now() / 1000 - count * 86_400
    for (const [name, age] of [['new', 6.9] as const, ['old', 7.1] as const]) {
      const part = join(site.state, `tmp/left/${name}.part`)
      writeFileSync(part, 'bytes')
      utimesSync(part, days(age), days(age))
    }
    openAndClose(site)
    expect(readdirSync(join(site.state, 'tmp/left'))).toEqual(['new.part'])
  })
})

test('a state is as it was when it is opened again', async () => {
  await using opened = await openNewState()
  const { site, state } = opened
  const { sha256 } = addContent(state, 'bytes')
  state.close()
  const again = openState(site, 'a test')
  expect(again.pool.size(sha256)).toBe(5)
  expect(again.database.prepare('SELECT count(*) AS n FROM content').get()).toEqual({ n: 1 })
  again.close()
})

function openAndClose(places: Places): void {
  openState(places, 'a test').close()
}

function expectRefused(places: Places, beginning: string): void {
  expect(refusal(places)).toContain(beginning)
  expect(() => openState(places, 'a test')).toThrow(expect.objectContaining({ code: 'E_ROOT' }))
}

function refusal(places: Places): string {
  try {
    openAndClose(places)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('the state was opened')
}
