import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { makeAuthority } from '../../helpers/authority.ts'
import { judge } from '../../helpers/judges.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { listing as filesOf } from '../faults/listing.ts'
import { type Listing, startListing } from './listing.ts'
import { runHere } from './looking.ts'

const alpha = [{ name: 'alpha' }]
const next = [{ name: 'alpha' }, { name: 'gamma' }]

/** Each moves the upstream on and spoils what it offers; what is wrong, how, and the error line. */
const rows: [string, (listing: Listing) => Promise<void>, RegExp][] = [
  [
    'whose mirrors are all corrupt',
    async (listing) => {
      await listing.offer(next)
      await listing.metalink()
      for (const { rules } of listing.mirrors)
        rules.push({ path: /primary/, fault: { kind: 'replace', body: (right) => Buffer.alloc(right.length, 1) } })
    },
    /^E_CHECKSUM repo: Cannot fetch \S*primary\S* from http:\S+: sha256 expected \w+\.\.\., found \w+\.\.\.; http:\S+: sha256 expected/,
  ],
]

describe('U17: what is published stays, and one line says why, for a metalink', () => {
  test.for(rows)('%s', async ([, spoil, line]) => {
    await using listing = await startListing('metalink', 2, {}, alpha)
    await runHere(listing)
    const before = await filesOf(listing.tree)
    await spoil(listing)
    const { status, stderr } = await listing.sync()
    const lines = stderr.split('\n').filter((text) => text.startsWith('E_'))
    expect({ status, lines }).toEqual({ status: 1, lines: [expect.stringMatching(line)] })
    expect(lines[0]).toMatch(/; generation 1 is still served$/)
    expect(await filesOf(listing.tree)).toEqual(before)
  })
})

test('U17: of 10,000 URLs of a metalink the first ones are used', async () => {
  await using listing = await startListing('metalink', 1, {}, alpha)
  const more = Array.from({ length: 10_000 }, (_, i) => `http://127.0.0.1:1/${i}/repodata/repomd.xml`)
  await listing.metalink({ urls: [`${listing.mirrors[0]!.url}repodata/repomd.xml`, ...more] })
  expect(await runHere(listing)).toMatchObject({ result: 'published' })
  expect((await listing.check()).problems).toEqual([])
})

test.skipIf(!judge('openssl'))('a metalink that came over TLS vouches, and status says so', async () => {
  await using listing = await startListing('metalink', 1, {}, alpha)
  const authority = makeAuthority()
  const { cert, key } = authority.sign('server')
  const file = listing.site.path('list/list')
  const options = { cert: readFileSync(cert), key: readFileSync(key) }
  const server = createServer(options, (_, response) => response.end(readFileSync(file)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    const metalink = `https://127.0.0.1:${(server.address() as AddressInfo).port}/list`
    const quick = { retries: 1, retry_delay: 0 }
    // Where trust is required, too: the mirror itself has no TLS.
    const repo = { metalink, sslcacert: authority.ca, trust: 'required', ...quick }
    await listing.site.writeConfig({ repos: { repo } })
    expect(await runHere(listing)).toMatchObject({ result: 'published' })
    const { stdout } = await runMirror(['status', '-c', listing.site.configFile, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ repos: [{ generation: { trust: 'metalink' } }] })
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
