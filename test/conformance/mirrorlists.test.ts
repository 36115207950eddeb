import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { startListing } from '../sync/mirrored/listing.ts'
import { lookAt } from '../sync/mirrored/looking.ts'
import { isolated, run } from './clients.ts'

/** The repomd.xml that the real dnf takes by a list. */
async function takenByDnf(folder: string, kind: string, url: string): Promise<Buffer> {
  const list = `--setopt=t.${kind}=${url}`
  await run('dnf', [
    ...isolated(folder),
    '--repofrompath=t,http://127.0.0.1:1/',
    '--setopt=t.baseurl=',
    list,
    '--repo=t',
    'makecache',
  ])
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return readFileSync(join(folder, files.find((name) => name.endsWith('repodata/repomd.xml')) as string))
}

const now = Math.floor(Date.now() / 1000)

test.skipIf(!judge('dnf'))('dnf takes the same repomd.xml by a metalink whose first mirror lags', async () => {
  await using listing = await startListing('metalink', 2, {}, [{ name: 'alpha' }])
  await listing.offer([{ name: 'alpha' }, { name: 'gamma' }], 1)
  await listing.metalink({ current: { bytes: await listing.repomd(1), timestamp: now } })
  const dnf = await takenByDnf(listing.site.path('dnf'), 'metalink', `${listing.list.url}list`)
  expect(dnf).toEqual(await listing.repomd(1))
  expect((await lookAt(listing)).edition?.bytes).toEqual(dnf)
})

test.skipIf(!judge('dnf'))('dnf takes the same repomd.xml by a mirrorlist whose first mirror is gone', async () => {
  await using listing = await startListing('mirrorlist', 2, {}, [{ name: 'alpha' }])
  await listing.offer([{ name: 'alpha' }, { name: 'gamma' }], 1)
  listing.mirrors[0]!.rules.push({ path: /./, fault: { kind: 'status', status: 404 } })
  const dnf = await takenByDnf(listing.site.path('dnf'), 'mirrorlist', `${listing.list.url}list`)
  expect(dnf).toEqual(await listing.repomd(1))
  expect((await lookAt(listing)).edition?.bytes).toEqual(dnf)
})
