import { expect, test } from 'vitest'
import { makeRepository } from '../../helpers/repository.ts'
import { startUpstream } from '../../helpers/upstream.ts'
import { startSyncing } from '../syncing.ts'
import { listing } from './listing.ts'
import { mirroredSite } from './mirroredSite.ts'

const packages = [{ name: 'alpha' }, { name: 'beta' }]
const beta = 'Packages/b/beta-1.0-1.x86_64.rpm'

const passing = [408, 425, 429, 500, 502, 503, 504]

test('an error that passes costs one more request each time', async () => {
  await using mirrored = await mirroredSite({ retries: passing.length })
  await makeRepository(mirrored.dir, packages)
  for (const path of ['repodata/repomd.xml', beta])
    for (const status of passing) mirrored.upstream.rules.push({ path, times: 1, fault: { kind: 'status', status } })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const asked = mirrored.asked()
  expect(asked.filter((path) => path === beta)).toHaveLength(passing.length + 1)
  expect(asked.filter((path) => path === 'repodata/repomd.xml')).toHaveLength(passing.length + 1)
})

const waits: Record<string, { retryAfter: string; leastMs: number }> = {
  seconds: { retryAfter: '1', leastMs: 1000 },
  date: { retryAfter: new Date(Date.now() + 3_600_000).toUTCString().replace(/\d{4}/, '1999'), leastMs: 0 },
  words: { retryAfter: 'soon', leastMs: 0 },
  negative: { retryAfter: '-5', leastMs: 0 },
}

test('U13: Retry-After is waited for where it is a number or a date to come', async () => {
  await using mirrored = await mirroredSite()
  await makeRepository(
    mirrored.dir,
    Object.keys(waits).map((name) => ({ name })),
  )
  const times = new Map<string, number[]>()
  for (const [name, { retryAfter }] of Object.entries(waits)) {
    const note = {
      kind: 'hook',
      before: () => void times.set(name, [...(times.get(name) ?? []), performance.now()]),
    } as const
    const busy = { kind: 'status', status: 429, headers: { 'Retry-After': retryAfter } } as const
    mirrored.upstream.rules.push({ path: new RegExp(`/${name}-`), times: 1, fault: [note, busy] })
    mirrored.upstream.rules.push({ path: new RegExp(`/${name}-`), fault: note })
  }
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  for (const [name, { leastMs }] of Object.entries(waits)) {
    const [first = 0, second = 0] = times.get(name) ?? []
    expect(second - first).toBeGreaterThanOrEqual(leastMs)
  }
})

test('U1: an upstream that does not answer leaves its one line, and the repo beside it is done', async () => {
  await using gone = await mirroredSite()
  await using other = await startUpstream(gone.site.path('other'))
  await makeRepository(gone.dir, packages)
  await makeRepository(gone.site.path('other'), packages)
  const common = { retries: 2, retry_delay: 0 }
  const repos = { repo: { baseurl: gone.upstream.url, ...common }, other: { baseurl: other.url, ...common } }
  await gone.site.writeConfig({ repos })
  expect(await gone.sync()).toMatchObject({ status: 0 })
  await makeRepository(gone.site.path('other'), [...packages, { name: 'gamma' }])
  await gone.upstream.close()
  const { status, stderr, stdout } = await gone.sync()
  expect(status).toBe(1)
  const served = 'connection refused (after 3 attempts); generation 1 is still served'
  expect(stderr).toContain(`\nE_CONNECT repo: Cannot fetch ${gone.upstream.url}repodata/repomd.xml: ${served}\n`)
  expect(stdout).toMatch(/^other .* generation 2$/m)
  expect((await gone.check()).problems).toEqual([])
})

test('U1: a host name that does not exist and a port that is closed say so, with nothing served yet', async () => {
  await using mirrored = await mirroredSite(
    {},
    {
      repos: {
        unknown: { baseurl: 'http://mirror.invalid/', retries: 1, retry_delay: 0 },
        closed: { baseurl: 'http://127.0.0.1:1/', retries: 1, retry_delay: 0 },
      },
    },
  )
  const { status, stderr } = await mirrored.sync()
  expect(status).toBe(1)
  expect(stderr).toMatch(
    /^E_CONNECT unknown: Cannot fetch http:\/\/mirror\.invalid\/repodata\/repomd\.xml: the host name .*; nothing is served yet$/m,
  )
  expect(stderr).toMatch(
    /^E_CONNECT closed: Cannot fetch http:\/\/127\.0\.0\.1:1\/repodata\/repomd\.xml: connection refused \(after 2 attempts\); nothing is served yet$/m,
  )
})

test('U16: a 304 that answers no condition leaves what was published, and the whole is taken when it comes', async () => {
  await using syncing = await startSyncing([{ name: 'alpha' }])
  await syncing.run()
  const before = await listing(syncing.tree)
  await syncing.offer([{ name: 'alpha' }, { name: 'beta' }])
  syncing.upstream.rules.push({ path: 'repodata/repomd.xml', times: 1, fault: { kind: 'notModified' } })
  // With other settings what is published is not what the upstream would make, so that nothing is asked on a condition.
  const other = { layout: 'upstream' }
  await expect(syncing.run(other)).rejects.toMatchObject({
    code: 'E_HTTP',
    message: `Cannot fetch ${syncing.upstream.url}repodata/repomd.xml: HTTP status 304`,
  })
  expect(await listing(syncing.tree)).toEqual(before)
  expect(await syncing.run(other)).toMatchObject({ result: 'published', packages: 2 })
})

test('U16: a 304 that answers no condition proves nothing', async () => {
  await using mirrored = await mirroredSite()
  await makeRepository(mirrored.dir, packages)
  mirrored.upstream.rules.push({ path: 'repodata/repomd.xml', fault: { kind: 'notModified' } })
  const { status, stderr } = await mirrored.sync()
  expect(status).toBe(1)
  expect(stderr).toContain(
    `E_HTTP repo: Cannot fetch ${mirrored.upstream.url}repodata/repomd.xml: HTTP status 304; nothing is served yet`,
  )
})
