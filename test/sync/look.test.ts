import { rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findRepo } from '../../src/store/generations.ts'
import { lastLook } from '../../src/store/looks.ts'
import type { Rule } from '../helpers/upstream.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const packages = [{ name: 'alpha' }, { name: 'beta' }]
const repomd = 'repodata/repomd.xml'

describe('a repository with nothing to do', () => {
  test('costs one conditional request, which is answered by 304, and remembers the time', async () => {
    await using syncing = await startSyncing(packages)
    await syncing.run()
    const looked = lookedAt(syncing)
    expect(await requestsOf(syncing)).toEqual([`${repomd} if-none-match,if-modified-since 304`])
    expect(lookedAt(syncing)).toBeGreaterThanOrEqual(looked)
  })

  test('is recognized by the bytes where the server cannot answer 304', async () => {
    await using syncing = await startSyncing(packages)
    syncing.upstream.rules.push(withoutValidators)
    await syncing.run()
    expect(await requestsOf(syncing)).toEqual([`${repomd} 200`])
  })

  test('is recognized by the bytes where the validators changed but nothing else', async () => {
    await using syncing = await startSyncing(packages)
    syncing.upstream.rules.push({ path: repomd, fault: { kind: 'headers', set: { ETag: '"other"' } } })
    await syncing.run()
    utimesSync(join(syncing.dir, repomd), 1_600_000_000, 1_600_000_000)
    expect(await requestsOf(syncing)).toEqual([`${repomd} if-none-match,if-modified-since 200`])
  })

  test('stays so when only the way of fetching is configured anew', async () => {
    await using syncing = await startSyncing(packages)
    await syncing.run()
    const settings = { retries: 7, max_parallel_downloads: 2, user_agent: 'x', retain: '1d', max_shrink: 50 }
    expect(await syncing.run(settings)).toBeUndefined()
  })
})

describe('a repository that is looked at', () => {
  test('is synced when the upstream has moved', async () => {
    await using syncing = await startSyncing(packages)
    await syncing.run()
    await syncing.offer([...packages, { name: 'gamma' }])
    expect(await syncing.run()).toMatchObject({ result: 'published', generation: 2, added: 1 })
  })

  test.each([
    ['includepkgs', { includepkgs: 'alpha' }],
    ['newest_only', { newest_only: true }],
    ['arch', { arch: 'x86_64' }],
    ['layout', { layout: 'upstream' }],
    ['compression', { compression: 'zstd' }],
    ['removed', { removed: 'keep' }],
  ])('is synced when its configuration says another %s, once', async (_, settings) => {
    await using syncing = await startSyncing(packages)
    await syncing.run()
    expect(await syncing.run(settings)).toBeDefined()
    expect(await syncing.run(settings)).toBeUndefined()
  })

  test.each([
    ['a package', 'Packages/a/alpha-1.0-1.x86_64.rpm'],
    ['repomd.xml', repomd],
    ['everything', '.'],
  ])('has its files back when somebody removed %s, without a download', async (_, name) => {
    await using syncing = await startSyncing(packages)
    await syncing.run()
    rmSync(join(syncing.tree, name), { recursive: true })
    expect(await requestsOf(syncing, 'unchanged')).toEqual([`${repomd} 200`])
    expect(await syncing.check()).toMatchObject({ problems: [], hrefs: { length: 2 } })
    expect(await syncing.run()).toBeUndefined()
  })

  test('is asked for unconditionally after a run that failed', async () => {
    const fault = { kind: 'status', status: 404 } as const
    await using syncing = await startSyncing(packages)
    syncing.upstream.rules.push({ path: /beta/, fault })
    await expect(syncing.run()).rejects.toMatchObject({ code: 'E_HTTP' })
    syncing.upstream.rules.length = 0
    expect(await requestsOf(syncing, 'published')).toContain(`${repomd} 200`)
  })

  test('does not believe a 304 that it has not asked for', async () => {
    await using syncing = await startSyncing(packages)
    syncing.upstream.rules.push({ path: repomd, fault: { kind: 'notModified' } })
    await expect(syncing.run()).rejects.toMatchObject({ code: 'E_HTTP', message: expect.stringContaining('304') })
  })
})

const withoutValidators: Rule = {
  path: repomd,
  fault: { kind: 'headers', set: { ETag: null, 'Last-Modified': null } },
}

/** The requests of one more run, which ends as expected: `path conditions status` each. */
async function requestsOf(syncing: Syncing, expected?: 'published' | 'unchanged'): Promise<string[]> {
  syncing.upstream.requests.length = 0
  expect((await syncing.run())?.result).toBe(expected)
  return syncing.upstream.requests.map(({ path, headers, status }) => {
    const conditions = ['if-none-match', 'if-modified-since'].filter((name) => name in headers).join()
    return [path.slice(1), conditions, status].filter((part) => part !== '').join(' ')
  })
}

function lookedAt({ state }: Syncing): number {
  return lastLook(state.database, findRepo(state.database, 'base') as number) as number
}
