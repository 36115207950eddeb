import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { makeSite, runMirror, type Site, spawnMirror } from '../helpers/mirror.ts'
import { makeRepository } from '../helpers/repository.ts'
import { listing } from '../sync/faults/listing.ts'
import { moveUpstream, packagesOf } from './growing.ts'

const canMount = process.getuid?.() === 0

/** A site whose root and state are on a file system of its own, mounted at `disk`; its upstream is a folder. */
async function siteOnDisk() {
  const site = await makeSite()
  const disk = site.path('disk')
  mkdirSync(disk)
  mount('-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk)
  const upstream = site.path('upstream')
  const places = { root: join(disk, 'www'), state: join(disk, 'state') }
  const repos = { repo: { baseurl: `file://${upstream}`, retain: 0, max_delete: 'no' } }
  await site.writeConfig({ ...places, repos })
  return {
    ...places,
    site,
    disk,
    upstream,
    mirror: (...args: string[]) => runMirror([...args, '-c', site.configFile]),
    async [Symbol.asyncDispose]() {
      unmount(disk)
      await site[Symbol.asyncDispose]()
    },
  }
}

test.skipIf(!canMount)(
  'F5: a file system that became read-only is one line, and costs nothing once it is not',
  async () => {
    await using on = await siteOnDisk()
    await moveUpstream(on.upstream, 0, 3)
    expect(await on.mirror('sync')).toMatchObject({ status: 0 })
    const before = await listing(on.root)
    await moveUpstream(on.upstream, 1, 3)
    mount('-o', 'remount,ro', on.disk)
    for (const verb of [['sync'], ['gc', '--all']]) {
      const { status, stderr } = await on.mirror(...verb)
      expect([status, stderr]).toEqual([
        expect.any(Number),
        expect.stringMatching(/^E_ROOT: Cannot open \S+: .*; its file system is read-only: .*mount it for writing$/m),
      ])
      expect([status === 0, stderr.trim().split('\n').length]).toEqual([false, 1])
    }
    expect(await listing(on.root)).toEqual(before)
    mount('-o', 'remount,rw', on.disk)
    expect(await on.mirror('sync')).toMatchObject({ status: 0 })
    expect((await checkTree(join(on.root, 'repo'))).problems).toEqual([])
  },
)

test.skipIf(!canMount)(
  'F5: a root that is gone, and one behind an empty mount, are never taken for one whose files vanished',
  async () => {
    await using on = await siteOnDisk()
    await moveUpstream(on.upstream, 0, 3)
    expect(await on.mirror('sync')).toMatchObject({ status: 0 })
    const before = await listing(on.root)
    const pool = await listing(join(on.state, 'pool'))
    await moveUpstream(on.upstream, 1, 3)
    const line = new RegExp(
      `^E_ROOT: ${on.root} was published into before and has no .mirror now: is its file system mounted\\?.*$`,
      'm',
    )
    const refused = async () => {
      for (const verb of [['sync'], ['gc', '--all'], ['verify', '--repair']]) {
        const { status, stderr } = await on.mirror(...verb)
        expect([verb, status !== 0, stderr]).toEqual([
          verb,
          true,
          expect.stringMatching(verb[0] === 'verify' ? /^E_ROOT: /m : line),
        ])
      }
      expect(await listing(join(on.state, 'pool'))).toEqual(pool)
    }
    mount('-t', 'tmpfs', 'tmpfs', on.root)
    await refused()
    expect(readdirSync(on.root)).toEqual([])
    unmount(on.root)
    renameSync(on.root, `${on.root}.away`)
    await refused()
    expect(readdirSync(on.disk).sort()).toEqual(['state', 'www.away'])
    renameSync(`${on.root}.away`, on.root)
    expect(await listing(on.root)).toEqual(before)
    expect(await on.mirror('sync')).toMatchObject({ status: 0 })
    expect((await checkTree(join(on.root, 'repo'))).problems).toEqual([])
  },
)

test.skipIf(!canMount)(
  'F7: a root on another file system, or behind another mount of the same, is refused in words',
  async () => {
    await using on = await siteOnDisk()
    await moveUpstream(on.upstream, 0, 3)
    mkdirSync(on.root)
    const line = new RegExp(
      `^E_ROOT: Files of ${on.state} cannot be linked into ${on.root}: EXDEV.*; put both on one file system and mount$`,
      'm',
    )
    for (const options of [
      ['-t', 'tmpfs', 'tmpfs'],
      ['--bind', on.root],
    ]) {
      mount(...options, on.root)
      const { status, stderr } = await on.mirror('sync')
      expect([status !== 0, stderr]).toEqual([true, expect.stringMatching(line)])
      expect(readdirSync(on.root)).toEqual(['.mirror'])
      unmount(on.root)
    }
  },
)

test.for(['000', '077', '022'])('F9: what is published under umask %s is for everybody to read', async (umask) => {
  await using site = await makeSite()
  await makeRepository(site.path('upstream'), packagesOf(0, 3))
  await site.writeConfig({ repos: { repo: { baseurl: `file://${site.path('upstream')}`, path: 'a/b' } } })
  expect(await underUmask(umask, site, 'sync')).toMatchObject({ status: 0 })
  const paths = readdirSync(site.root, { recursive: true, encoding: 'utf8' })
  const modes = paths.map((path) => statSync(join(site.root, path)))
  const odd = modes.filter((stat) => (stat.mode & 0o7777) !== (stat.isDirectory() ? 0o755 : 0o644))
  expect([paths.length > 10, odd]).toEqual([true, []])
})

/** Runs the program from a shell with another umask. */
async function underUmask(umask: string, site: Site, verb: string) {
  const shell = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath] as const
  const program = join(import.meta.dirname, '../../src/main.ts')
  await using running = spawnMirror([program, verb, '-c', site.configFile], { command: [...shell] })
  return await running.ended
}

function mount(...args: string[]): void {
  execFileSync('mount', args)
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder])
}
