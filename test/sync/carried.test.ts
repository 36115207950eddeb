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
    deltainfo: ['deltainfo.xml', '<deltainfo/>'],
    updateinfo_zck: ['updateinfo.xml.zck', 'x'],
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

describe('a record that is nobody’s business but some client’s', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

  test.each([
    ['the product id of subscription-manager', 'productid', 'productid', pem],
    ['the same, compressed', 'productid', 'productid.gz', pem],
    ['AppStream data', 'appstream', 'appstream.xml.zst', '<components version="0.14"/>'],
    ['the icons of it', 'appstream-icons', 'icons-64x64.tar.gz', 'an archive'],
    ['what zypper knows of packages besides', 'susedata', 'susedata.xml.gz', '<susedata packages="0"/>'],
    ['one without any compression', 'license', 'license', 'terms\r\n\u0000'],
    ['one of a type that nobody knows', 'x-Ünknown type', 'x.bin.gz', 'x'],
  ])('%s rides along byte for byte, in a selection too', async (_, type, name, body) => {
    const specs = [{ name: 'alpha' }, { name: 'beta' }]
    await using syncing = await startSyncing(specs, { records: [{ type, name, body }] })
    await syncing.run({ excludepkgs: ['beta'] })
    const [own, upstream] = [syncing.tree, syncing.dir].map((folder) => recordIn(folder, type))
    expect(own?.bytes).toEqual(upstream?.bytes)
    const { href, checksum, size, openChecksum, openSize } = upstream!.record
    expect(own?.record).toMatchObject({ checksum, size, openChecksum, openSize })
    expect(own?.record.href).toBe(href)
    expect((await syncing.check()).problems).toEqual([])
  })
})

test('databases of the documents are left out, so that clients read the documents', async () => {
  const records = ['primary_db', 'filelists_db', 'other_db'].map((type) => ({
    type,
    name: `${type}.sqlite`,
    body: type,
  }))
  await using syncing = await startSyncing([{ name: 'alpha' }], { records })
  await syncing.run()
  const { records: published } = parseRepomd(readFileSync(join(syncing.tree, 'repodata/repomd.xml')))
  expect(published.map(({ type }) => type)).toEqual(['primary', 'filelists', 'other'])
})

/** A record of the repository in a folder, with its file's bytes. */
function recordIn(folder: string, type: string): { record: RepomdRecord; bytes: Buffer } | undefined {
  const { records } = parseRepomd(readFileSync(join(folder, 'repodata/repomd.xml')))
  const record = records.find((one) => one.type === type)
  return record && { record, bytes: readFileSync(join(folder, record.href)) }
}

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
