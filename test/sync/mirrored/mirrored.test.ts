import { describe, expect, test } from 'vitest'
import { runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { listing as filesBelow } from '../faults/listing.ts'
import { type Listing, startListing } from './listing.ts'
import { runHere } from './looking.ts'

const [alpha, beta] = ['Packages/a/alpha-1.0-1.x86_64.rpm', 'Packages/b/beta-1.0-1.x86_64.rpm']
const served = '; generation 1 is still served'

describe('a repository whose mirrors a list names', () => {
  test.for(['metalink', 'mirrorlist'] as const)('by a %s is synced, and unchanged then', async (kind) => {
    await using listing = await startListing(kind, 2)
    expect(await runHere(listing)).toMatchObject({ result: 'published' })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
    expect(await runHere(listing)).toBeUndefined()
  })

  test('by a metalink is asked about in one conditional request while nothing changes', async () => {
    await using listing = await startListing('metalink', 2)
    await runHere(listing)
    for (const { requests } of [...listing.mirrors, listing.list]) requests.splice(0)
    expect(await runHere(listing)).toBeUndefined()
    expect(listing.list.requests.map(({ path, status }) => `${path} ${status}`)).toEqual(['/list?repo=x&arch=y 304'])
    expect(listing.mirrors.flatMap(({ requests }) => requests)).toEqual([])
  })

  test('by a mirrorlist is asked about in conditional requests to the mirrors that had it', async () => {
    await using listing = await startListing('mirrorlist', 2)
    await runHere(listing)
    for (const { requests } of listing.mirrors) requests.splice(0)
    expect(await runHere(listing)).toBeUndefined()
    const asked = listing.mirrors.map(({ requests }) => requests.map(({ path, status }) => `${path} ${status}`))
    expect(asked).toEqual(listing.mirrors.map(() => ['/repodata/repomd.xml 304']))
    // One that goes back lags behind what is published, and one that goes on is followed.
    await makeRepository(listing.mirrors[1]!.dir, [{ name: 'alpha' }], { clean: true, revision: '1600000000' })
    expect(await runHere(listing)).toBeUndefined()
    await listing.offer([{ name: 'alpha' }, { name: 'gamma' }], 0)
    expect(await runHere(listing)).toMatchObject({ result: 'published' })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, 'Packages/g/gamma-1.0-1.x86_64.rpm'] })
  })
})

describe('U17: a two-mirror list with one lying mirror syncs clean', () => {
  test('that sends corrupt metadata and packages', async () => {
    await using listing = await startListing('metalink', 2)
    listing.mirrors[0]!.rules.push({
      path: /\.(rpm|gz)$/,
      fault: { kind: 'replace', body: (right) => Buffer.alloc(right.length, 1) },
    })
    expect(await runHere(listing)).toMatchObject({ result: 'published' })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
  })

  test('that sends a portal’s page in place of repomd.xml', async () => {
    await using listing = await startListing('mirrorlist', 2)
    listing.mirrors[0]!.rules.push({
      path: /./,
      fault: { kind: 'replace', body: '<html>log in</html>', contentType: 'text/html' },
    })
    expect(await runHere(listing)).toMatchObject({ result: 'published' })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
  })
})

test('U1: what no mirror gives names each mirror and its cause', async () => {
  await using listing = await startListing('metalink', 2)
  await runHere(listing)
  await listing.offer([{ name: 'alpha' }, { name: 'gamma' }])
  await listing.metalink()
  listing.mirrors[0]!.rules.push({ path: /gamma/, fault: { kind: 'status', status: 404 } })
  listing.mirrors[1]!.rules.push({ path: /gamma/, fault: { kind: 'replace', body: 'other' } })
  const { status, stderr } = await listing.sync()
  const [first, second] = listing.mirrors.map(({ url }) => url)
  expect(status).toBe(1)
  expect(stderr).toContain(`Cannot fetch gamma-1.0-1.x86_64 from `)
  expect(stderr).toContain(`${first}Packages/g/gamma-1.0-1.x86_64.rpm: HTTP status 404 (not found)`)
  expect(stderr).toContain(`${second}Packages/g/gamma-1.0-1.x86_64.rpm: size expected`)
  expect(stderr).toContain(served)
  expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
})

test('M13, I6: where all mirrors lag the run is unchanged with a warning, and is no success', async () => {
  await using listing = await startListing('metalink', 2)
  await runHere(listing)
  await listing.metalink({ current: { bytes: Buffer.from('to come'), timestamp: Math.floor(Date.now() / 1000) } })
  const { status, stdout, stderr } = await listing.sync('--json')
  expect({ status, stdout: JSON.parse(stdout) }).toMatchObject({
    status: 0,
    stdout: { repos: [{ result: 'unchanged', generation: 1 }] },
  })
  expect(stderr).toMatch(/nothing newer can be had: Cannot fetch http\S+: the mirror lags behind the metalink, or lies/)
  const report = await runMirror(['status', '-c', listing.site.configFile, '--json'])
  expect(report.stdout).toContain('"skipped"')
  expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
})

test('U1: an upstream that cannot be reached names each mirror; with skip_if_unavailable it is a warning', async () => {
  for (const [skip, expected, line] of [
    [
      false,
      1,
      /E_CONNECT repo: Cannot fetch http:\S+repomd\.xml: connection refused; http:\S+repomd\.xml: connection refused \(after 3 attempts\)/,
    ],
    [true, 0, /skip_if_unavailable: Cannot fetch http:\S+repomd\.xml: connection refused; http/],
  ] as const) {
    await using listing = await startListing('metalink', 2, { skip_if_unavailable: skip })
    for (const mirror of listing.mirrors) await mirror.close()
    const { status, stderr } = await listing.sync()
    expect({ status, stderr }).toMatchObject({ status: expected, stderr: expect.stringMatching(line) })
  }
})

test('U2, I10: a mirror that stalls costs its timeout once, whatever number of packages', async () => {
  const packages = Array.from({ length: 60 }, (_, i) => ({ name: `p${i}` }))
  const timeout = 1000
  await using good = await startListing('metalink', 2, { timeout: timeout / 1000 }, packages)
  await using listing = await startListing('metalink', 2, { timeout: timeout / 1000 }, packages)
  listing.mirrors[0]!.rules.push({ path: /\.rpm$/, fault: { kind: 'stall', after: 10 } })
  const timed = async (which: Listing) => {
    const began = performance.now()
    await runHere(which)
    return performance.now() - began
  }
  const usual = await timed(good)
  const took = await timed(listing)
  console.log(
    `60 packages: ${Math.round(usual)} ms, with a mirror that stalls ${Math.round(took)} ms, timeout ${timeout} ms`,
  )
  expect(took - usual).toBeLessThan(timeout * 1.5)
  const stalled = listing.mirrors[0]!.requests.filter(({ path }) => path.endsWith('.rpm')).length
  expect(stalled).toBeGreaterThan(0)
  expect(stalled).toBeLessThan(4)
  expect(await listing.check()).toMatchObject({ problems: [] })
})

test('U2: a mirror that stalled is left alone by the next run', async () => {
  await using listing = await startListing('metalink', 2)
  listing.mirrors[0]!.rules.push({ path: /./, fault: { kind: 'silence' } })
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  listing.mirrors[0]!.requests.splice(0)
  await listing.offer([{ name: 'alpha' }, { name: 'gamma' }])
  await listing.metalink()
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  expect(listing.mirrors[0]!.requests).toEqual([])
  expect((await listing.check()).problems).toEqual([])
})

test('U12: a package that one mirror lacks comes from another, and is missing where all lack it', async () => {
  await using listing = await startListing('metalink', 2, { on_missing: 'prune' })
  listing.mirrors[0]!.rules.push({ path: /alpha/, fault: { kind: 'status', status: 404 } })
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
  await listing.offer([{ name: 'beta' }, { name: 'delta' }])
  await listing.metalink()
  for (const { rules } of listing.mirrors) rules.push({ path: /delta/, fault: { kind: 'status', status: 404 } })
  const { status, stderr } = await listing.sync()
  expect({ status, stderr }).toMatchObject({ status: 4, stderr: expect.stringContaining('delta-1.0-1.x86_64') })
  expect(await listing.check()).toEqual({ problems: [], hrefs: [beta] })
})

test('M12: mirrors of a mirrorlist that all have something older than before lag: nothing changes, which is told', async () => {
  await using listing = await startListing('mirrorlist', 2)
  const offer = async (names: string[], revision: string) => {
    for (const { dir } of listing.mirrors)
      await makeRepository(
        dir,
        names.map((name) => ({ name })),
        { clean: true, revision },
      )
  }
  await offer(['alpha', 'beta', 'gamma'], '1700000000')
  expect(await listing.sync()).toMatchObject({ status: 0 })
  await offer(['alpha', 'beta'], '1600000000')
  const { status, stderr } = await listing.sync()
  expect(stderr).toMatch(
    /nothing newer can be had: Cannot take the repomd.xml of .*revision 1600000000, 1700000000 was taken before/,
  )
  expect(status).toBe(0)
  expect((await listing.check()).hrefs).toHaveLength(3)
})

test.for([
  [
    'mirrorlist',
    'ftp://h/x/\n',
    /E_NO_MIRROR repo: Cannot fetch \S+: none of the 1 URLs is one of https or http to a /,
  ],
  [
    'mirrorlist',
    '<html>log in</html>',
    /E_NO_MIRROR repo: Cannot fetch \S+: not a mirrorlist; it begins "<html>log in/,
  ],
  [
    'metalink',
    '<metalink><files><file name="other.xml"/></files></metalink>',
    /E_METALINK repo: Cannot fetch \S+: the metalink says nothing of repomd.xml, it describes "other.xml"/,
  ],
] as const)('U17: a %s that is %j leaves the old generation, and says so', async ([kind, text, line]) => {
  await using listing = await startListing(kind, 2)
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  const before = await filesBelow(listing.tree)
  await listing.mirrorlist(text)
  const { status, stderr } = await listing.sync()
  expect(stderr).toMatch(line)
  expect(stderr).toContain(served)
  expect(status).toBe(1)
  expect(await filesBelow(listing.tree)).toEqual(before)
})
