import { appendFileSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generations } from '../../src/store/generations.ts'
import { destination } from '../publish/publishing.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const first = ['alpha', 'beta', 'gamma'].map((name) => ({ name }))
const version = (number: number) => first.map((spec) => ({ ...spec, version: `${number}.0` }))

describe('a run', () => {
  test('publishes what is selected and says what it did', async () => {
    await using syncing = await startSyncing([...first, { name: 'delta', arch: 'aarch64' }])
    const { edition, ...result } = (await syncing.run())!
    expect(result).toEqual({
      result: 'published',
      generation: 1,
      packages: 3,
      added: 3,
      removed: 0,
      bytes: expect.any(Number),
      missing: [],
      unhashed: [],
      until: undefined,
    })
    expect(result.bytes).toBeGreaterThan(3 * 700)
    expect(edition.bytes.equals(readFileSync(join(syncing.dir, 'repodata/repomd.xml')))).toBe(true)
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 3 } })
    expect(recorded(syncing)).toMatchObject([{ packages: 3, bytes: 2100, upstreamPackages: 4, trust: 'none' }])
  })

  test('fetches only what is new', async () => {
    await using syncing = await startSyncing(first)
    await syncing.run()
    syncing.upstream.requests.length = 0
    await syncing.offer([...first, { name: 'delta' }])
    expect(await syncing.run()).toMatchObject({ packages: 4, added: 1, removed: 0 })
    expect(packageRequests(syncing)).toEqual(['/Packages/d/delta-1.0-1.x86_64.rpm'])
  })

  test('publishes nothing where another repomd.xml names the same packages', async () => {
    await using syncing = await startSyncing(first)
    await syncing.run({ newest_only: true })
    await syncing.offer(first, { revision: '1800000000' })
    expect(await syncing.run({ newest_only: true })).toMatchObject({ result: 'unchanged', generation: 1 })
    expect(await syncing.run({ newest_only: true })).toBeUndefined()
  })

  test('takes an upstream that went back where that is said, and still moves forward itself', async () => {
    await using syncing = await startSyncing(version(2))
    await syncing.run()
    await syncing.offer(first, { revision: '1600000000' })
    await syncing.run({}, { acceptRollback: true })
    const [before, after] = recorded(syncing)
    expect(Number(after?.revision)).toBeGreaterThan(Number(before?.revision))
    expect(after?.timestamp).toBeGreaterThan(before?.timestamp as number)
  })

  test('remembers what it was told on the command line', async () => {
    await using syncing = await startSyncing(first)
    await syncing.run({}, { overrides: '--newest-only' })
    expect(recorded(syncing)).toMatchObject([{ overrides: '--newest-only' }])
  })

  test('that is stopped publishes nothing, and the next one has less to fetch', async () => {
    await using syncing = await startSyncing(first)
    const stop = new AbortController()
    const fault = { kind: 'hook', before: () => stop.abort(new Error('stopped')) } as const
    syncing.upstream.rules.push({ path: /gamma/, fault: [fault, { kind: 'delay', ms: 10_000 }] })
    await expect(
      syncing.run({ max_parallel_downloads: 1 }, { signal: stop.signal, connections: () => 1 }),
    ).rejects.toThrow('stopped')
    expect([readdirSync(syncing.site.root), recorded(syncing)]).toEqual([['.mirror'], []])
    syncing.upstream.rules.length = 0
    syncing.upstream.requests.length = 0
    expect(await syncing.run()).toMatchObject({ packages: 3 })
    expect(packageRequests(syncing)).toEqual(['/Packages/g/gamma-1.0-1.x86_64.rpm'])
  })
})

describe('an upstream that moves while it is read', () => {
  test('is finished as it was begun where its files are still there', async () => {
    await using syncing = await startSyncing(version(1))
    onFirst(syncing, /alpha/, () => syncing.offer(version(2), { clean: false }))
    expect(await syncing.run()).toMatchObject({ result: 'published', packages: 3 })
    expect((await syncing.check()).hrefs).toContain('Packages/a/alpha-1.0-1.x86_64.rpm')
    expect(await syncing.run()).toMatchObject({ generation: 2, added: 3, removed: 3 })
  })

  test.each([
    ['its packages are gone', /beta/],
    ['its metadata is gone', /filelists/],
  ])('is planned anew where %s', async (_, path) => {
    await using syncing = await startSyncing(version(1))
    onFirst(syncing, path, () => syncing.offer(version(2)))
    expect(await syncing.run()).toMatchObject({ result: 'published', generation: 1, packages: 3 })
    const { problems, hrefs } = await syncing.check()
    expect([problems, hrefs[0]]).toEqual([[], 'Packages/a/alpha-2.0-1.x86_64.rpm'])
    expect(syncing.notices).toEqual(['info: the upstream changed meanwhile; planning again'])
    expect(await syncing.run()).toBeUndefined()
  })

  test('is planned anew where packages were replaced under their names', async () => {
    await using syncing = await startSyncing(first)
    const rebuilt = first.map((spec) => ({ ...spec, buildTime: 1_700_009_000 }))
    onFirst(syncing, /beta/, () => syncing.offer(rebuilt))
    expect(await syncing.run()).toMatchObject({ result: 'published' })
    expect((await syncing.check()).problems).toEqual([])
  })

  test('is given up where it moves without end, and what was published stays', async () => {
    await using syncing = await startSyncing(version(1))
    await syncing.run()
    let number = 2
    await syncing.offer(version(2))
    syncing.upstream.rules.push({
      path: /filelists/,
      fault: { kind: 'hook', before: () => syncing.offer(version(++number)) },
    })
    const message = expect.stringContaining('the upstream changed 4 times while it was read; run again later')
    await expect(syncing.run()).rejects.toMatchObject({ code: 'E_MOVING', message })
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { 0: 'Packages/a/alpha-1.0-1.x86_64.rpm' } })
    syncing.upstream.rules.length = 0
    expect(await syncing.run()).toMatchObject({ result: 'published', generation: 2 })
  })

  test('is no excuse for a file that is missing: without a move that is the error', async () => {
    await using syncing = await startSyncing(first, { removeFiles: ['Packages/b/beta-1.0-1.x86_64.rpm'] })
    const message = expect.stringMatching(
      /^Cannot fetch beta-1\.0-1\.x86_64 from http:\S+: HTTP status 404 \(not found\)$/,
    )
    await expect(syncing.run()).rejects.toMatchObject({ code: 'E_HTTP', message })
    expect(syncing.notices).toEqual([])
  })
})

describe('what somebody did to the published files', () => {
  test.each([
    [
      'a repomd.xml that was edited in place is published anew',
      (tree: string) => appendFileSync(join(tree, 'repodata/repomd.xml'), '\n'),
    ],
    [
      'a repomd.xml that is gone from the pool too is published anew',
      (tree: string) => rmSync(join(tree, 'repodata/repomd.xml')),
    ],
  ])('%s', async (_, spoil) => {
    await using syncing = await startSyncing(first)
    await syncing.run()
    const [{ repomd } = { repomd: '' }] = recorded(syncing)
    spoil(syncing.tree)
    if (!readdirSync(join(syncing.tree, 'repodata')).includes('repomd.xml')) rmSync(syncing.state.pool.path(repomd))
    expect(await syncing.run()).toMatchObject({ result: 'published', generation: 2, added: 0, removed: 0 })
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 3 } })
    expect(readdirSync(join(syncing.tree, 'repodata')).filter((name) => name.startsWith('.'))).toEqual([])
    expect(await syncing.run()).toBeUndefined()
  })
})

/** Does something when the first request for a path comes in, before it is answered. */
function onFirst({ upstream }: Syncing, path: RegExp, before: () => Promise<void>): void {
  upstream.rules.push({ path, times: 1, fault: { kind: 'hook', before } })
}

function packageRequests({ upstream }: Syncing): string[] {
  return upstream.requests.map(({ path }) => path).filter((path) => path.endsWith('.rpm'))
}

function recorded({ state }: Syncing) {
  return generations(state.database, destination(state, 'base').repo)
}
