import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { makeInstallation } from '../daemon/running.ts'
import { checkTree } from '../helpers/checker.ts'

const channels = { dev: { follow: 'yes' } }

test('what a repository and a channel left behind is listed, and removed with all that is recorded of it', async () => {
  await using installed = await makeInstallation(
    { one: [{ name: 'alpha' }, { name: 'shared' }], two: [{ name: 'beta' }, { name: 'shared' }] },
    { channels },
  )
  const { site } = installed
  const mirror = (...args: string[]) => installed.mirror(...args)
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  expect((await mirror('forget')).stdout).toBe('every tree is of a repository or channel that is configured\n')
  expect(await mirror('forget', 'one')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      `E_USAGE: one is configured; take it out of ${site.configFile}, or disable it, first`,
    ),
  })

  await installed.configure({ repos: { one: null }, channels: {} })
  const { stdout } = await mirror('forget')
  expect(stdout).toMatch(/^path +packages +size +published\ndev\/one +2 .* ago\ndev\/two +2 .* ago\none +2 .* ago\n$/)
  const { leftovers } = JSON.parse((await mirror('forget', '--json')).stdout)
  expect(leftovers).toMatchObject([{ path: 'dev/one', packages: 2 }, { path: 'dev/two' }, { path: 'one' }])

  expect(await mirror('forget', 'one', 'no/where')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('nothing was published at no/where; mirror forget lists what can be forgotten'),
  })
  expect((await checkTree(site.path('root/one'))).problems).toEqual([])
  writeFileSync(site.path('root/one/Packages/mine'), '')
  // What a kill in the middle of it leaves.
  rmSync(site.path('root/dev/two/repodata/repomd.xml'))
  rmSync(site.path('root/dev/two/Packages/b'), { recursive: true })
  expect(await mirror('forget', 'one', 'dev/one', 'dev/two')).toMatchObject({
    status: 0,
    stdout:
      'one is forgotten; 1 file is left there, which nobody here has published\ndev/one is forgotten\ndev/two is forgotten\n',
  })
  expect(readdirSync(site.path('root/one'), { recursive: true })).toEqual(['Packages', 'Packages/mine'])
  expect(existsSync(site.path('root/dev'))).toBe(false)
  expect(rowsOf(site.path('state/mirror.db'))).toEqual(['two'])
  expect((await checkTree(site.path('root/two'))).problems).toEqual([])

  expect((await mirror('gc', '--all')).stdout).toMatch(/ 2 contents|[3-9] contents/)
  const usage = await mirror('status', '--disk')
  expect(usage.stdout).not.toContain('one')
  expect(await mirror('verify', 'two')).toMatchObject({ status: 0 })
}, 120_000)

test('another tree below a forgotten one stays, a link is not followed, and a daemon does it too', async () => {
  await using installed = await makeInstallation(
    { old: [{ name: 'alpha' }], new: [{ name: 'beta' }] },
    { repos: { old: { path: 'el9' }, new: null } },
  )
  const { site } = installed
  const mirror = (...args: string[]) => installed.mirror(...args)
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  await installed.configure({ repos: { old: null, new: { path: 'el9/new' } } })
  expect(await mirror('sync')).toMatchObject({ status: 0 })
  mkdirSync(site.path('elsewhere'))
  writeFileSync(site.path('elsewhere/kept'), '')
  symlinkSync(site.path('elsewhere'), site.path('root/el9/Packages/link'))
  await using _ = await installed.start()
  expect((await mirror('forget', 'el9')).stdout).toMatch(/^el9 is forgotten; \d+ files are left there/)
  expect(existsSync(site.path('root/el9/repodata'))).toBe(false)
  expect((await checkTree(site.path('root/el9/new'))).problems).toEqual([])
  expect(existsSync(site.path('elsewhere/kept'))).toBe(true)
  expect((await mirror('forget')).stdout).toContain('every tree is of')
}, 120_000)

test('a snapshot is dropped by its own verb', async () => {
  await using installed = await makeInstallation({ one: [{ name: 'alpha' }] })
  const mirror = (...args: string[]) => installed.mirror(...args)
  await mirror('sync')
  await mirror('snapshot', 'create', 'first')
  expect(await mirror('forget', 'snapshots/first/one')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is of a snapshot; mirror snapshot drop first removes it'),
  })
}, 60_000)

/** The paths of repositories that anything is recorded of. */
function rowsOf(file: string): unknown[] {
  using database = new DatabaseSync(file, { readOnly: true })
  const tables = ['member', 'generation', 'origin', 'run', 'look']
  for (const table of tables)
    expect(database.prepare(`SELECT 1 FROM ${table} WHERE repo NOT IN (SELECT id FROM repo)`).get()).toBe(undefined)
  return database
    .prepare('SELECT path FROM repo')
    .all()
    .map(({ path }) => path)
}
