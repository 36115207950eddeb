import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseRepomd, type RepomdRecord } from '../../src/repodata/repomd.ts'
import { carriedFile } from '../../src/sync/carried.ts'
import { sha256Of } from '../store/opened.ts'
import { startSyncing } from './syncing.ts'

const sha256 = sha256Of('a file')

describe('the name of a carried file', () => {
  test.each([
    ['repodata/comps.xml', 'group', 'comps.xml'],
    [`repodata/${'a'.repeat(64)}-comps-BaseOS.x86_64.xml.xz`, 'group', 'comps-BaseOS.x86_64.xml.xz'],
    [`repodata/${'0'.repeat(32)}-x.xml`, 'x', 'x.xml'],
    [`repodata/${'0'.repeat(40)}-x.xml`, 'x', 'x.xml'],
    [`repodata/${'0'.repeat(56)}-x.xml`, 'x', 'x.xml'],
    [`repodata/${'0'.repeat(96)}-x.xml`, 'x', 'x.xml'],
    [`repodata/${'0'.repeat(128)}-x.xml`, 'x', 'x.xml'],
    [`repodata/${'0'.repeat(41)}-x.xml`, 'x', `${'0'.repeat(41)}-x.xml`],
    ['updateinfo.xml.gz', 'updateinfo', 'updateinfo.xml.gz'],
    ['repodata/.hidden', 'product id', 'product_id'],
    ['repodata/a%20b.xml', '../../x', '______x'],
    ['repodata/', 'group', 'group'],
  ])('%s of type %s holds %s', (href, type, name) => {
    expect(carriedFile(record({ href, type }), content()).path).toBe(`repodata/${sha256}-${name}`)
  })
})

test('what upstream says of its open bytes is said on', () => {
  const open = { openChecksum: content().digest, openSize: 12 }
  expect(carriedFile(record(open), content())).toMatchObject({ ...content(), ...open, type: 'group' })
})

test('metadata that is not ours to write rides along byte for byte, what is derived does not', async () => {
  const bodies = {
    group: ['comps.xml', '<comps/>'],
    updateinfo: ['updateinfo.xml.gz', '<updates/>'],
    'x-own': ['own.bin', '\u0000\u0001'],
    primary_db: ['primary.sqlite', 'x'],
    filelists_zck: ['filelists.xml.zck', 'x'],
    'filelists-ext': ['filelists-ext.xml', '<filelists-ext/>'],
    prestodelta: ['prestodelta.xml', '<prestodelta/>'],
  } as const
  const records = Object.entries(bodies).map(([type, [name, body]]) => ({ type, name, body }))
  await using syncing = await startSyncing([{ name: 'alpha' }], { records })
  await syncing.run()
  expect((await syncing.check()).problems).toEqual([])
  const { records: published } = parseRepomd(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
  const carried = published.slice(3).map(({ type, href }) => [type, readFileSync(join(syncing.tree, href))])
  expect(carried).toEqual([
    ['group', Buffer.from('<comps/>')],
    ['updateinfo', gzipSync('<updates/>')],
    ['x-own', Buffer.from('\u0000\u0001')],
  ])
})

function content() {
  return { sha256, size: 6, digest: { algorithm: 'sha256', hex: sha256 } as const }
}

function record(given: Partial<RepomdRecord>): RepomdRecord {
  return {
    type: 'group',
    href: 'repodata/comps.xml',
    checksum: content().digest,
    size: 6,
    openChecksum: undefined,
    openSize: undefined,
    timestamp: 0,
    databaseVersion: undefined,
    ...given,
  }
}
