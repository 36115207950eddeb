import { expect, test } from 'vitest'
import { type Listing, startListing } from './listing.ts'
import { lookAt } from './looking.ts'

const packages = [{ name: 'alpha' }]
const timeoutMs = 4000

async function timedLook(listing: Listing) {
  const began = performance.now()
  const look = await lookAt(listing)
  const ms = performance.now() - began
  return { ...look, ms }
}

function silence({ mirrors }: Listing, ...which: number[]): void {
  for (const i of which) mirrors[i]!.rules.push({ path: /./, fault: { kind: 'silence' } })
}

test('U2: mirrors that stall while repomd.xml is looked for by a metalink do not cost their timeouts', async () => {
  await using listing = await startListing('metalink', 4, { timeout: timeoutMs / 1000 }, packages)
  silence(listing, 0, 1, 2)
  const { edition, upstream, ms } = await timedLook(listing)
  console.log(`three mirrors that stall: ${Math.round(ms)} ms, timeout ${timeoutMs} ms`)
  expect(edition?.bytes).toEqual(await listing.repomd(3))
  expect(ms).toBeLessThan(timeoutMs * 1.5)
  expect(listing.mirrors.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 1])
  expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['last', 'last', 'last', 'good'])
  expect(upstream.mirrors.learned(true).get(listing.mirrors[0]!.url)).toMatchObject({ why: 'E_SLOW' })
})

test('a slow mirror wins where the one that is asked beside it has nothing better', async () => {
  await using listing = await startListing('metalink', 2, { timeout: timeoutMs / 1000 }, packages)
  listing.mirrors[0]!.rules.push({ path: /./, fault: { kind: 'delay', ms: timeoutMs / 2 } })
  listing.mirrors[1]!.rules.push({ path: /./, fault: { kind: 'status', status: 404 } })
  const { edition, upstream } = await timedLook(listing)
  expect(edition?.bytes).toEqual(await listing.repomd(0))
  expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['good', 'good'])
  expect(listing.mirrors.map(({ requests }) => requests.length)).toEqual([1, 1])
})

test('U2: of the three mirrors of a mirrorlist one that stalls is not waited for', async () => {
  await using listing = await startListing('mirrorlist', 3, { timeout: timeoutMs / 1000 }, packages)
  silence(listing, 1)
  const { edition, upstream, ms } = await timedLook(listing)
  expect(edition?.bytes).toEqual(await listing.repomd(0))
  expect(ms).toBeLessThan(timeoutMs)
  expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['good', 'last', 'good'])
})

test('a place of the operator’s that is slow is not blamed for it', async () => {
  await using listing = await startListing('metalink', 2, { timeout: timeoutMs / 1000 }, packages)
  const [baseurl, metalink] = [listing.mirrors[0]!.url, `${listing.list.url}list`]
  await listing.site.writeConfig({ repos: { repo: { baseurl, metalink, timeout: timeoutMs / 1000 } } })
  silence(listing, 0)
  const { edition, upstream } = await timedLook(listing)
  expect(edition?.bytes).toEqual(await listing.repomd(1))
  expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['good', 'good'])
  expect(upstream.mirrors.learned(true).size).toBe(0)
})
