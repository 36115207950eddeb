import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { type MirroredSite, mirroredSite } from '../sync/faults/mirroredSite.ts'

const script = new URL('../../bin/mirror-rsync', import.meta.url).pathname

async function mirrorRsync(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(script, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { status: status as number, stdout, stderr }
}

/** Packages of a round: half of them are its own. */
function packagesOf(round: number): PackageSpec[] {
  const staying = Array.from({ length: 20 }, (_, i) => ({ name: `stays-${i}`, size: 2000 }))
  return [...staying, ...staying.map(({ name }) => ({ name: `moves-${name}`, version: String(round), size: 2000 }))]
}

/** Publishes one generation after the other until the signal; the number of generations. */
async function publish(mirrored: MirroredSite, signal: AbortSignal): Promise<number> {
  let round = 1
  for (; !signal.aborted; round++) {
    await makeRepository(mirrored.dir, packagesOf(round))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
  }
  return round
}

/** A site with one generation published, and a folder downstream of it. */
async function upstreamAndDownstream() {
  const mirrored = await mirroredSite()
  await makeRepository(mirrored.dir, packagesOf(0))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const downstream = mirrored.site.path('downstream')
  mkdirSync(downstream)
  return { mirrored, downstream, [Symbol.asyncDispose]: () => mirrored[Symbol.asyncDispose]() }
}

/** Every run is slowed down, so that generations are published in the middle of it. */
describe.skipIf(!judge('rsync'))('mirror-rsync', () => {
  test('leaves a whole tree after every run, while generations are published', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    const stop = new AbortController()
    const published = publish(mirrored, stop.signal)
    const revisions = new Set<string>()
    try {
      while (revisions.size < 6) {
        expect(await mirrorRsync(mirrored.site.root, downstream, '--bwlimit=100')).toMatchObject({ status: 0 })
        const { problems, repomdSha256 } = await checkTree(join(downstream, 'repo'))
        expect(problems).toEqual([])
        revisions.add(repomdSha256)
      }
    } finally {
      stop.abort()
    }
    expect(await published).toBeGreaterThan(5)
  }, 180_000)

  test.each([
    ['mirror-rsync', script, []],
    ['a single pass of rsync, for comparison', 'rsync', ['-rt']],
  ])('is what a generation published in the middle of a run needs: %s', async (_, command, args) => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    const all = [...args, `${mirrored.site.root}/`, downstream, '--bwlimit=200']
    const run = spawn(command, all, { stdio: 'ignore', detached: true })
    const ended = once(run, 'close')
    while (!visible(downstream).some((path) => path.endsWith('.rpm'))) await sleep(5)
    process.kill(-run.pid!, 'SIGSTOP')
    await makeRepository(mirrored.dir, packagesOf(1))
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    process.kill(-run.pid!, 'SIGCONT')
    expect(await ended).toEqual([0, null])
    const { problems } = await checkTree(join(downstream, 'repo'))
    expect(problems.length > 0).toBe(command === 'rsync')
  })

  test('leaves an equal tree, but for what is private to the publisher, and is silent about it', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    const { root } = mirrored.site
    writeFileSync(join(root, 'repo/.treeinfo'), '[general]\n')
    expect(await mirrorRsync(root, downstream)).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(visible(downstream)).toEqual(visible(root))
    expect(existsSync(join(root, '.mirror'))).toBe(true)
    expect(existsSync(join(downstream, '.mirror'))).toBe(false)
  })

  test('deletes what is gone upstream, whole repositories too, unless it is told not to', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    const { root } = mirrored.site
    await makeRepository(join(root, 'dropped'), packagesOf(0))
    expect(await mirrorRsync(root, downstream)).toMatchObject({ status: 0 })
    rmSync(join(root, 'dropped'), { recursive: true })
    expect(await mirrorRsync('--no-delete', root, downstream)).toMatchObject({ status: 0 })
    expect((await checkTree(join(downstream, 'dropped'))).problems).toEqual([])
    expect(await mirrorRsync(root, downstream)).toMatchObject({ status: 0 })
    expect(visible(downstream)).toEqual(visible(root))
  })

  test('deletes nothing where the source lost everything', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    expect(await mirrorRsync(mirrored.site.root, downstream)).toMatchObject({ status: 0 })
    const empty = mirrored.site.path('empty')
    mkdirSync(empty)
    const { status, stderr } = await mirrorRsync(empty, downstream)
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/^mirror-rsync: .*no repomd\.xml/) })
    expect((await checkTree(join(downstream, 'repo'))).problems).toEqual([])
  })

  test('keeps what was published where rsync fails, and ends with its status', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    expect(await mirrorRsync(mirrored.site.root, downstream)).toMatchObject({ status: 0 })
    expect(await mirrorRsync(mirrored.site.path('missing'), downstream)).toMatchObject({ status: 23 })
    expect((await checkTree(join(downstream, 'repo'))).problems).toEqual([])
  })

  test.skipIf(!judge('flock'))('leaves a folder alone that another run copies to', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    const other = spawn('flock', [join(downstream, '.mirror-rsync.lock'), 'sh', '-c', 'echo held; exec sleep 30'])
    try {
      await once(other.stdout, 'data')
      expect(await mirrorRsync(mirrored.site.root, downstream)).toMatchObject({ status: 3 })
      expect(visible(downstream)).toEqual([])
    } finally {
      other.kill()
    }
  })

  test('copies no link that leads out of the tree', async () => {
    await using trees = await upstreamAndDownstream()
    const { mirrored, downstream } = trees
    symlinkSync('repo', join(mirrored.site.root, 'alias'))
    symlinkSync('/etc', join(mirrored.site.root, 'repo/outside'))
    expect(await mirrorRsync(mirrored.site.root, downstream)).toMatchObject({ status: 0 })
    expect(readdirSync(downstream)).toContain('alias')
    expect(readdirSync(join(downstream, 'repo'))).not.toContain('outside')
  })
})

test('mirror-rsync says how it is used', () => {
  const help = spawnSync(script, ['--help'], { encoding: 'utf8' })
  expect(help).toMatchObject({ status: 0, stderr: '' })
  expect(help.stdout).toMatch(/^Usage: mirror-rsync /)
  expect(spawnSync(script, ['one'], { encoding: 'utf8' })).toMatchObject({
    status: 2,
    stderr: 'mirror-rsync: a SOURCE and a DESTINATION are needed; mirror-rsync --help has an example\n',
  })
})

/** What a server shows of a tree. */
function visible(tree: string): string[] {
  const paths = readdirSync(tree, { recursive: true, encoding: 'utf8' })
  return paths
    .filter((path) => path.endsWith('.treeinfo') || !path.split('/').some((name) => name.startsWith('.')))
    .sort()
}
