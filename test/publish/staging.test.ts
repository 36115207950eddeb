import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Staging, stage } from '../../src/publish/staging.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { modeOf } from './sets.ts'

test('the staging folder is there for as long as it is held, and readable for all', async () => {
  await using dir = await makeTemporaryFolder()
  const before = process.umask(0o077)
  {
    await using staging = await stage(dir.path)
    expect(staging.folder).toBe(join(dir.path, '.repodata'))
    expect(modeOf(staging.folder)).toBe('755')
    writeFileSync(join(staging.folder, 'left'), '')
  }
  process.umask(before)
  expect(readdirSync(dir.path)).toEqual([])
})

test('a second run is refused and told who has the directory', async () => {
  await using dir = await makeTemporaryFolder()
  await using other = await hold(dir.path)
  const holder = `process ${other.child.pid} since \\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z`
  await expect(stage(dir.path)).rejects.toMatchObject({
    code: 'E_BUSY',
    message: expect.stringMatching(
      `^${dir.path}/.repodata is held by ${holder}; wait for it or stop it, then run again$`,
    ),
  })
})

test('a second run in the same process is refused, and the first keeps its lock', async () => {
  await using dir = await makeTemporaryFolder()
  await using _ = await stage(dir.path)
  await expect(stage(dir.path)).rejects.toMatchObject({ code: 'E_BUSY' })
  expect(await outputOf(dir.path, 'turns', '1')).toBe('busy\n')
})

test('what a killed run left is removed with a notice', async () => {
  await using dir = await makeTemporaryFolder()
  await kill(dir.path)
  const notices: string[] = []
  await using staging = await stage(dir.path, { notice: (message) => notices.push(message) })
  expect(readdirSync(staging.folder).sort()).toEqual(['mirror.holder', 'mirror.lock'])
  expect(notices).toEqual([`${dir.path}/.repodata was left by a run that was killed; its files are removed`])
})

test('a folder with files and without a lock of ours is left alone', async () => {
  await using dir = await makeTemporaryFolder()
  mkdirSync(join(dir.path, '.repodata'))
  writeFileSync(join(dir.path, '.repodata/primary.xml.gz'), '')
  await expect(stage(dir.path)).rejects.toMatchObject({
    code: 'E_BUSY',
    message: `${dir.path}/.repodata is of another program: look for a createrepo_c that is running; if there is none, remove the folder and run again`,
  })
  expect(readdirSync(join(dir.path, '.repodata'))).toEqual(['primary.xml.gz'])
})

test('an empty folder of a run of ours that was killed before it had its lock does not count', async () => {
  await using dir = await makeTemporaryFolder()
  const folder = join(dir.path, '.repodata')
  mkdirSync(folder, 0o1755)
  await using staging = await stage(dir.path)
  expect([staging.folder, statSync(folder).mode & 0o7777]).toEqual([folder, 0o755])
})

test('an empty folder counts for a minute, for whoever has only just begun', async () => {
  await using dir = await makeTemporaryFolder()
  const folder = join(dir.path, '.repodata')
  mkdirSync(folder)
  await expect(stage(dir.path)).rejects.toMatchObject({ code: 'E_BUSY' })
  const old = Date.now() / 1000 - 61
  utimesSync(folder, old, old)
  await (await stage(dir.path))[Symbol.asyncDispose]()
  expect(existsSync(folder)).toBe(false)
})

test('an empty folder with a createrepo_c --ignore-lock beside it counts however old it is', async () => {
  await using dir = await makeTemporaryFolder()
  mkdirSync(join(dir.path, '.repodata'))
  mkdirSync(join(dir.path, '.repodata.4711.20260101000000.123'))
  utimesSync(join(dir.path, '.repodata'), 1, 1)
  await expect(stage(dir.path)).rejects.toMatchObject({ code: 'E_BUSY' })
})

test('a run whose folder was taken from it by hand removes nothing of its successor', async () => {
  await using dir = await makeTemporaryFolder()
  const first = await stage(dir.path)
  renameSync(first.folder, join(dir.path, 'elsewhere'))
  const second = await stage(dir.path)
  await first[Symbol.asyncDispose]()
  expect(existsSync(second.folder)).toBe(true)
  expect(await outputOf(dir.path, 'turns', '1')).toBe('busy\n')
  await second[Symbol.asyncDispose]()
})

test('a run that ignores the lock works in a folder of its own', async () => {
  await using dir = await makeTemporaryFolder()
  await using _ = await stage(dir.path)
  let beside: Staging | undefined
  {
    await using staging = await stage(dir.path, { ignoreLock: true })
    beside = staging
    expect(beside.folder).toMatch(new RegExp(`^${dir.path}/\\.repodata\\.${process.pid}-`))
  }
  expect(readdirSync(dir.path)).toEqual(['.repodata'])
})

test.skipIf(!judge('createrepo_c'))('createrepo_c refuses a directory that is held', async () => {
  await using dir = await makeTemporaryFolder()
  await using _ = await stage(dir.path)
  expect(() => execFileSync('createrepo_c', [dir.path], { stdio: 'pipe' })).toThrow(/\.repodata\/ already exists/)
})

test('there is never more than one at it, whoever is killed', { timeout: 60_000 }, async () => {
  await using dir = await makeTemporaryFolder()
  const runs = Array.from({ length: 4 }, () => run(dir.path, 'turns', '200'))
  for (let kills = 0; kills < 6; kills++) {
    const victim = run(dir.path, 'turns', '1000')
    await Promise.race([once(victim.child.stdout as NodeJS.EventEmitter, 'data'), victim.ended])
    await sleep(Math.random() * 20)
    victim.child.kill('SIGKILL')
    await victim.ended
  }
  const outputs = await Promise.all(runs.map(({ ended }) => ended))
  expect(outputs.join('').match(/^turn$/gm)?.length).toBeGreaterThan(20)
  await (await stage(dir.path))[Symbol.asyncDispose]()
  expect(readdirSync(dir.path)).toEqual([])
})

type Run = { child: ChildProcess; ended: Promise<string> }

/** Starts the test's program; what it printed, once it ended well or was killed. */
function run(...args: string[]): Run {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stager.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close').then(([status]) => {
    if (status !== 0 && status !== null) throw new Error(`stager ended with ${status}\n${output}`)
    return output
  })
  return { child, ended }
}

function outputOf(...args: string[]): Promise<string> {
  return run(...args).ended
}

async function hold(dir: string): Promise<{ child: ChildProcess } & AsyncDisposable> {
  const { child, ended } = run(dir, 'hold')
  await once(child.stdout as NodeJS.EventEmitter, 'data')
  const stop = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { child, [Symbol.asyncDispose]: stop }
}

async function kill(dir: string): Promise<void> {
  await using _ = await hold(dir)
}
