import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { Repo } from '../../src/config/repo.ts'
import { syncLocal } from '../../src/jobs/local.ts'
import type { SyncSummary } from '../../src/jobs/messages.ts'
import { look } from '../../src/sync/look.ts'
import { sync } from '../../src/sync/sync.ts'
import { openUpstream } from '../../src/upstream/upstream.ts'
import { checkTree } from '../helpers/checker.ts'
import { makeRpm, writeRpm } from '../helpers/rpmfile.ts'
import { openNewState } from '../store/opened.ts'
import { program } from './syncing.ts'

/** Syncs a folder with alpha and beta; between indexing and copying `change` does something to it. */
async function syncWhile(change: (folder: string, time: number) => unknown) {
  const opened = await openNewState()
  const { site, state } = opened
  const folder = site.path('rpms')
  mkdirSync(folder)
  for (const name of ['alpha', 'beta']) await writeRpm(folder, `${name}.rpm`, { name, summary: 'one' })
  await site.writeConfig({
    defaults: { retries: 1, retry_delay: 0 },
    repos: { own: { local: 'rpms', arch: 'x86_64' } },
  })
  const { repos } = await loadConfig(site.configFile, { varsFolders: [], home: site.dir })
  const notices: string[] = []
  const { signal } = new AbortController()
  const context = {
    acceptShrink: false,
    emit: (event: { type: string; message?: string }) =>
      void (event.type === 'notice' && notices.push(event.message ?? '')),
    signal,
  }
  let times = 0
  const syncFrom = async (repo: Repo): Promise<SyncSummary> => {
    const upstream = await openUpstream(repo, 1)
    const edition = await look(repo, upstream, { ...context, state })
    await change(folder, times++)
    if (edition === undefined) throw new Error('there is something to do')
    return await sync(repo, edition, { ...context, state, upstream, connections: () => 4, overrides: undefined })
  }
  const result = await syncLocal(repos[0] as Repo, { ...context, places: state, program }, syncFrom).catch(
    (error: unknown) => error as Error,
  )
  const published = await checkTree(join(site.root, 'own'))
  await opened[Symbol.asyncDispose]()
  const seen = { hrefs: published.packages.map(({ href }) => href), problems: published.problems }
  return { result, notices, times, seen }
}

describe.concurrent('a file that changes between indexing and copying', () => {
  test('is not missed where it is gone', async () => {
    const { result, notices, times, seen } = await syncWhile((folder) =>
      rmSync(join(folder, 'beta.rpm'), { force: true }),
    )
    expect([result, times]).toEqual([expect.objectContaining({ result: 'published', leftOut: 0 }), 2])
    expect(seen).toEqual({ hrefs: ['Packages/a/alpha.rpm'], problems: [] })
    expect(notices).toContainEqual(
      expect.stringMatching(/^a file changed while it was copied, looking again: Cannot fetch beta/),
    )
  })

  test.each([
    ['is longer', 'two and more'],
    ['is as long and as old', 'two'],
  ])('is published as it is then where it %s', async (_, summary) => {
    const other = makeRpm({ name: 'beta', summary })
    const { result, times, seen } = await syncWhile((folder) => writeRpm(folder, 'beta.rpm', other))
    expect([result, times]).toEqual([expect.objectContaining({ result: 'published' }), 2])
    expect(seen).toEqual({ hrefs: ['Packages/a/alpha.rpm', 'Packages/b/beta.rpm'], problems: [] })
  })

  test('is a clear error where it changes on every try', async () => {
    const { result, times } = await syncWhile((folder, time) =>
      writeRpm(folder, 'beta.rpm', { name: 'beta', summary: 'long'.repeat(time + 2) }),
    )
    expect([result, times]).toEqual([expect.objectContaining({ code: 'E_SIZE' }), 3])
    expect(result).toMatchObject({
      message: expect.stringMatching(/^Cannot fetch beta-1\.0-1\.x86_64 from file:.* size expected/),
    })
  })
})
