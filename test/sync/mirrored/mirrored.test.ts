import { describe, expect, test } from 'vitest'
import { startListing } from './listing.ts'

const [alpha, beta] = ['Packages/a/alpha-1.0-1.x86_64.rpm', 'Packages/b/beta-1.0-1.x86_64.rpm']
const served = '; generation 1 is still served'

describe('a repository whose mirrors a list names', () => {
  test.for(['metalink', 'mirrorlist'] as const)('by a %s is synced, and unchanged then', async (kind) => {
    await using listing = await startListing(kind, 2)
    const first = await listing.sync()
    expect(first).toMatchObject({ status: 0 })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
    const again = await listing.sync('--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ repos: [{ result: 'unchanged' }] })
  })

  test('by a metalink is asked about in one conditional request while nothing changes', async () => {
    await using listing = await startListing('metalink', 2)
    await listing.sync()
    for (const { requests } of [...listing.mirrors, listing.list]) requests.splice(0)
    expect((await listing.sync()).status).toBe(0)
    expect(listing.list.requests.map(({ path, status }) => `${path} ${status}`)).toEqual(['/list?repo=x&arch=y 304'])
    expect(listing.mirrors.flatMap(({ requests }) => requests)).toEqual([])
  })
})

describe('U17: a two-mirror list with one lying mirror syncs clean', () => {
  test('that sends corrupt metadata and packages', async () => {
    await using listing = await startListing('metalink', 2)
    listing.mirrors[0]!.rules.push({
      path: /\.(rpm|gz)$/,
      fault: { kind: 'replace', body: (right) => Buffer.alloc(right.length, 1) },
    })
    const { status, stderr } = await listing.sync()
    expect({ status, stderr }).toMatchObject({ status: 0 })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
  })

  test('that sends a portal’s page in place of repomd.xml', async () => {
    await using listing = await startListing('mirrorlist', 2)
    listing.mirrors[0]!.rules.push({
      path: /./,
      fault: { kind: 'replace', body: '<html>log in</html>', contentType: 'text/html' },
    })
    expect(await listing.sync()).toMatchObject({ status: 0 })
    expect(await listing.check()).toEqual({ problems: [], hrefs: [alpha, beta] })
  })
})

test('U1: what no mirror gives names each mirror and its cause', async () => {
  await using listing = await startListing('metalink', 2)
  await listing.sync()
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
