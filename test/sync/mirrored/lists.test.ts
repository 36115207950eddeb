import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { askLibrepo, hasLibrepo } from '../../helpers/librepo.ts'
import { failure } from '../../upstream/fetching.ts'
import { type Listing, startListing } from './listing.ts'
import { lookAt } from './looking.ts'

const before = [{ name: 'alpha' }]
const after = [{ name: 'alpha' }, { name: 'gamma' }]
const now = Math.floor(Date.now() / 1000)
const day = 86_400

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
const version = async (listing: Listing, mirror: number, age = 0) => ({
  bytes: await listing.repomd(mirror),
  timestamp: now - age,
})
const toCome = { bytes: Buffer.from('to come'), timestamp: now }

describe('U17: by a metalink', () => {
  test('a mirror with a version of before is passed over for one that has the newest', async () => {
    await using listing = await startListing('metalink', 2, {}, before)
    await listing.offer(after, 1)
    await listing.metalink({ current: await version(listing, 1), alternates: [await version(listing, 0, day)] })
    const { edition, upstream } = await lookAt(listing)
    expect(edition?.bytes).toEqual(await listing.repomd(1))
    expect(upstream.mirrors.all.map(({ standing, hasEdition }) => [standing, hasEdition])).toEqual([
      ['last', false],
      ['good', true],
    ])
    expect(upstream.mirrors.learned(true).get(listing.mirrors[0]!.url)).toMatchObject({ why: 'E_LAG' })
  })

  test('a mirror with a version that nothing vouches for is passed over', async () => {
    await using listing = await startListing('metalink', 2, {}, before)
    await listing.offer(after, 0)
    await listing.metalink({ current: await version(listing, 1) })
    expect((await lookAt(listing)).edition?.bytes).toEqual(await listing.repomd(1))
  })

  test('where all mirrors lag the newest version of before is taken, if it is not too old', async () => {
    await using listing = await startListing('metalink', 3, {}, before)
    await listing.offer(after, 1)
    const old = await version(listing, 0, 2 * day)
    const newer = await version(listing, 1, day)
    await listing.metalink({ current: toCome, alternates: [old, newer] })
    const { edition, upstream } = await lookAt(listing)
    expect(edition?.bytes).toEqual(newer.bytes)
    expect(upstream.mirrors.all.map(({ hasEdition }) => hasEdition)).toEqual([false, true, false])
    await listing.metalink({ current: toCome, alternates: [{ ...newer, timestamp: now - 4 * day }] })
    expect(await failure(lookAt(listing))).toMatchObject({
      code: 'E_LAG',
      message: expect.stringMatching(
        /^Cannot fetch (http\S+repomd\.xml: the mirror lags behind the metalink, or lies: sha512 expected \w+\.\.\., found \w+\.\.\.(; )?){3}$/,
      ),
    })
  })

  test('alternates_max_age: 0 takes none of before', async () => {
    await using listing = await startListing('metalink', 1, { alternates_max_age: 0 }, before)
    await listing.metalink({ current: toCome, alternates: [await version(listing, 0, 1)] })
    expect(await failure(lookAt(listing))).toMatchObject({ code: 'E_LAG' })
  })

  test('M12: a version from before the one that was taken last is never taken', async () => {
    await using listing = await startListing('metalink', 1, {}, before)
    const last = { bytes: Buffer.from('taken'), timestamp: now - 3600 }
    await listing.metalink({ current: toCome, alternates: [last, await version(listing, 0, day)] })
    expect(await failure(lookAt(listing, { known: { last: sha256(last.bytes) } }))).toMatchObject({ code: 'E_LAG' })
    expect((await lookAt(listing)).edition?.bytes).toEqual(await listing.repomd(0))
  })

  test('no mirror is asked while what was taken last is the newest', async () => {
    await using listing = await startListing('metalink', 1, {}, before)
    const known = { last: sha256(await listing.repomd(0)), isCurrent: true }
    expect((await lookAt(listing, { known })).edition).toBeUndefined()
    expect(listing.mirrors[0]!.requests).toEqual([])
  })

  test('M7: only digests that vouch count, unless weak ones are allowed', async () => {
    await using listing = await startListing('metalink', 1, {}, before)
    const current = { ...(await version(listing, 0)), algorithms: ['md5', 'sha1'] }
    await listing.metalink({ current })
    expect(await failure(lookAt(listing))).toMatchObject({
      code: 'E_WEAK_HASH',
      message: 'the metalink vouches for repomd.xml with sha1 only; say weak_digests: yes to accept that',
    })
    await listing.metalink({ current: { ...current, algorithms: [] } })
    expect(await failure(lookAt(listing))).toMatchObject({ code: 'E_METALINK' })
    await using old = await startListing('metalink', 1, { weak_digests: true }, before)
    await old.metalink({ current: { ...(await version(old, 0)), algorithms: ['sha1'] } })
    expect((await lookAt(old)).edition).toMatchObject({ listed: { vouched: { algorithm: 'sha1', isSecure: false } } })
  })

  test.skipIf(!hasLibrepo())(
    'the same repomd.xml is taken as by librepo, which takes any version of before, too',
    async () => {
      await using listing = await startListing('metalink', 2, {}, before)
      await listing.offer(after, 1)
      const url = `${listing.list.url}list`
      const taken = async () => {
        const ours = await lookAt(listing).then(
          ({ edition }) => edition?.bytes.toString(),
          () => undefined,
        )
        return [ours, (await askLibrepo('metalink', url, 'fetch')).repomd]
      }
      const [first, second] = [await version(listing, 0, day), await version(listing, 1)]
      await listing.metalink({ current: second })
      expect(await taken()).toEqual([String(second.bytes), String(second.bytes)])
      await listing.metalink({ current: second, alternates: [first] })
      expect(await taken()).toEqual([String(second.bytes), String(first.bytes)])
      await listing.metalink({ current: toCome })
      expect(await taken()).toEqual([undefined, undefined])
    },
  )
})

describe('U17: by a mirrorlist', () => {
  test('the newest of three mirrors counts, the others lag', async () => {
    await using listing = await startListing('mirrorlist', 4, {}, before)
    await listing.offer(after, 2)
    const { edition, upstream } = await lookAt(listing)
    expect(edition?.bytes).toEqual(await listing.repomd(2))
    expect(upstream.mirrors.all.map(({ standing }) => standing)).toEqual(['last', 'last', 'good', 'good'])
    expect(listing.mirrors[3]!.requests).toEqual([])
  })

  test('where none of the first has one the others are asked', async () => {
    await using listing = await startListing('mirrorlist', 5, { retries: 1 }, before)
    for (const mirror of listing.mirrors.slice(0, 4))
      mirror.rules.push({ path: /./, fault: { kind: 'status', status: 404 } })
    expect((await lookAt(listing)).edition?.bytes).toEqual(await listing.repomd(4))
  })

  test.for<[string, string, string]>([
    ['U6: a page', '<html>log in</html>', 'not a mirrorlist; it begins "<html>log in</html>"'],
    ['no URL', '# Bad Request\n', 'the mirrorlist has no URL in it; it begins "# Bad Request "'],
    [
      'no URL that can be used',
      'rsync://a.example/x/\nftp://b.example/\n',
      'none of the 2 URLs is one of https or http to a folder, the first is "rsync://a.example/x/"',
    ],
    [
      'folders of this host, which a network may not name',
      'file:///etc/\n/etc\n',
      'none of the 2 URLs is one of https or http to a folder, the first is "file:///etc/"',
    ],
  ])('%s is E_NO_MIRROR', async ([, text, message]) => {
    await using listing = await startListing('mirrorlist', 0)
    await listing.mirrorlist(text)
    expect(await failure(lookAt(listing))).toMatchObject({
      code: 'E_NO_MIRROR',
      message: `Cannot fetch ${listing.list.url}list: ${message}`,
    })
  })

  test('10,000 URLs are no more than the first ones', async () => {
    await using listing = await startListing('mirrorlist', 1, {}, before)
    const more = Array.from({ length: 10_000 }, (_, i) => `http://127.0.0.1:1/${i}/\n`)
    await listing.mirrorlist(`${listing.mirrors[0]!.url}\n${more.join('')}`)
    const { edition, upstream } = await lookAt(listing)
    expect(edition?.bytes).toEqual(await listing.repomd(0))
    expect(upstream.mirrors.all).toHaveLength(32)
  })
})

test('what the operator wrote comes before what a list names, and counts once', async () => {
  await using listing = await startListing('metalink', 2, {}, before)
  const [first, second] = listing.mirrors.map(({ url }) => url) as [string, string]
  await listing.site.writeConfig({
    repos: { repo: { baseurl: second, metalink: `${listing.list.url}list`, retries: 1, retry_delay: 0 } },
  })
  const { upstream } = await lookAt(listing)
  expect(upstream.mirrors.places.map(({ url, isListed }) => [url, isListed])).toEqual([
    [second, false],
    [first, true],
  ])
  expect(listing.mirrors[0]!.requests).toEqual([])
})
