import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { MirrorError } from '../../src/errors.ts'
import { takeLock } from '../../src/store/lock.ts'
import { openState } from '../../src/store/state.ts'
import { makeSite, type Site } from '../helpers/mirror.ts'

test('a lock is held once, until it is released', async () => {
  await using site = await makeSite()
  const file = site.path('lock')
  const lock = takeLock(file)
  expect(takeLock(file)).toBeUndefined()
  lock?.release()
  const again = takeLock(file)
  expect(again).toBeDefined()
  again?.release()
})

test('K1: a second process is refused and told who holds the state, since when and for what', async () => {
  await using site = await makeSite()
  const holder = await hold(site)
  const error = refusal(site)
  holder.kill('SIGKILL')
  const at = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
  expect(error.code).toBe('E_BUSY')
  expect(error.message).toMatch(
    new RegExp(
      `^${site.state} is held by process ${holder.pid} since ${at}, doing nothing but holding; wait for it or stop it$`,
    ),
  )
})

test('K2: a lock is free as soon as its holder was killed', async () => {
  await using site = await makeSite()
  const holder = await hold(site)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  openState(site, 'a test').close()
})

test('K2: the state is free though a process has the number of its killed holder, and where it was moved to', async () => {
  await using site = await makeSite()
  const holder = await hold(site)
  holder.kill('SIGKILL')
  await once(holder, 'exit')
  const before = new DatabaseSync(join(site.state, 'mirror.db'))
  before.exec(`UPDATE meta SET value = json_set(value, '$.pid', ${process.pid}) WHERE key = 'holder'`)
  before.close()
  const moved = { root: site.path('moved/www'), state: site.path('moved/state') }
  mkdirSync(site.path('moved'))
  renameSync(site.root, moved.root)
  renameSync(site.state, moved.state)
  openState(moved, 'a test').close()
})

test('K1: a process that is refused before the holder has filled its database is told so', async () => {
  await using site = await makeSite()
  mkdirSync(site.state)
  const lock = takeLock(join(site.state, 'lock'))
  const message = `${site.state} is held by another process that is just starting`
  expect(refusal(site)).toMatchObject({ code: 'E_BUSY', message })
  writeFileSync(join(site.state, 'mirror.db'), '')
  expect(refusal(site)).toMatchObject({ code: 'E_BUSY', message })
  lock?.release()
})

/** Starts a process that holds the site's state. */
async function hold({ root, state }: Site): Promise<ChildProcess> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'holder.ts'), root, state], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  return child
}

function refusal(places: { root: string; state: string }): MirrorError {
  try {
    openState(places, 'a test').close()
  } catch (error) {
    if (error instanceof MirrorError) return error
    throw error
  }
  throw new Error('the state was opened a second time')
}
