import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { knownConnectTimes } from '../../../src/store/connectTimes.ts'
import { openState } from '../../../src/store/state.ts'
import { Addresses } from '../../../src/upstream/addresses.ts'
import { connectTimes } from '../../../src/upstream/connectTime.ts'
import { judge } from '../../helpers/judges.ts'
import { type SlowHost, startSlowHost } from '../../helpers/slowHost.ts'
import { type Listing, startListing } from './listing.ts'
import { lookAt, runHere } from './looking.ts'

const packages = [{ name: 'alpha' }]
const { signal } = new AbortController()
const isAble = judge('python3')

/** Writes a list that begins with the worst. */
async function listThem(listing: Listing, ...hosts: SlowHost[]): Promise<string[]> {
  const urls = [...hosts.map(({ origin }) => `${origin}/`), ...listing.mirrors.map(({ url }) => url)]
  await listing.metalink({ urls: urls.map((url) => `${url}repodata/repomd.xml`) })
  return urls
}

function remembered({ site }: Listing, urls: readonly string[]): (number | undefined)[] {
  const state = openState({ root: site.root, state: site.state }, 'a test')
  try {
    return urls.map((url) => knownConnectTimes(state.database)(new URL(url).origin))
  } finally {
    state.close()
  }
}

test('only hosts that may be asked are measured, and nothing is requested of them', async () => {
  await using listing = await startListing('mirrorlist', 1, {}, packages)
  const measure = connectTimes({ family: undefined, addresses: new Addresses(['127.0.0.1'], []) })
  const { url, requests } = listing.mirrors[0]!
  expect(await measure(new URL(url), signal)).toBeLessThan(2000)
  expect(await measure(new URL('http://127.0.0.1:1'), signal)).toBe(Number.POSITIVE_INFINITY)
  // The same server, by names that the operator did not write.
  for (const host of ['127.0.0.2', 'localhost']) {
    const other = new URL(url)
    other.hostname = host
    expect(await measure(other, signal)).toBe(Number.POSITIVE_INFINITY)
  }
  const proxied = connectTimes({
    family: undefined,
    addresses: new Addresses(['127.0.0.1'], []),
    proxyFor: () => ({ url: new URL(url) }) as never,
  })
  expect(await proxied(new URL(url), signal)).toBe(Number.POSITIVE_INFINITY)
  expect(requests).toEqual([])
})

test.skipIf(!isAble)('fastestmirror asks first the mirror that connects first, whatever the list’s order', async () => {
  await using listing = await startListing('metalink', 1, { fastestmirror: true }, packages)
  await using never = await startSlowHost()
  await using slow = await startSlowHost()
  const urls = await listThem(listing, never, slow)
  const running = lookAt(listing)
  await expect.poll(() => listing.list.requests.length, { timeout: 10_000, interval: 5 }).toBe(1)
  await sleep(300)
  slow.accept()
  const { edition, upstream } = await running
  const times = urls.map((url) => upstream.connectTimes.get(new URL(url).origin) as number)
  console.log(`connect times: ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`)
  expect(times[0]).toBe(Number.POSITIVE_INFINITY)
  expect((times[1] as number) - (times[2] as number)).toBeGreaterThan(100)
  expect(upstream.mirrors.places.map(({ url }) => url)).toEqual(urls.toReversed())
  expect(edition?.bytes).toEqual(await listing.repomd(0))
  expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['good', 'good', 'good'])
})

test('what was measured is remembered, and not measured again by the next run', async () => {
  await using listing = await startListing('metalink', 2, { fastestmirror: true }, packages)
  const urls = listing.mirrors.map(({ url }) => url)
  await runHere(listing)
  const times = remembered(listing, urls)
  expect(times).toEqual([expect.any(Number), expect.any(Number)])
  await listing.offer([...packages, { name: 'beta' }])
  await listing.metalink()
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  expect(remembered(listing, urls)).toEqual(times)
})

test('without fastestmirror nothing is measured, and the list’s order stays', async () => {
  await using listing = await startListing('metalink', 2, {}, packages)
  const { upstream } = await lookAt(listing)
  expect([upstream.measure, upstream.connectTimes.size]).toEqual([undefined, 0])
  expect(upstream.mirrors.places.map(({ url }) => url)).toEqual(listing.mirrors.map(({ url }) => url))
  await runHere(listing)
  expect(remembered(listing, [listing.mirrors[0]!.url])).toEqual([undefined])
})
