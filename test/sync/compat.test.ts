import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { parseRepomd, type RepomdRecord } from '../../src/repodata/repomd.ts'
import type { PackageSpec } from '../helpers/repository.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const packages: PackageSpec[] = [
  { name: 'alpha', requires: ['beta'] },
  { name: 'beta' },
  { name: 'beta', version: '2' },
]
const modern = {
  compression: 'zst',
  records: [
    { type: 'group', name: 'comps.xml.zst', body: '<comps/>\n' },
    { type: 'updateinfo', name: 'updateinfo.xml.zst', body: '<updates/>\n' },
    { type: 'productid', name: 'productid.gz', body: 'an id\n' },
  ],
} as const

test('el6 has all in gzip, comps plain, and databases of what is published', async () => {
  await using syncing = await startSyncing(packages, { ...modern, records: [...modern.records] })
  expect(await syncing.run({ compat: 'el6', newest_only: true })).toMatchObject({ packages: 2 })
  expect((await syncing.check()).problems).toEqual([])
  expect(names(syncing)).toEqual({
    primary: 'primary.xml.gz',
    filelists: 'filelists.xml.gz',
    other: 'other.xml.gz',
    primary_db: 'primary.sqlite.gz',
    filelists_db: 'filelists.sqlite.gz',
    other_db: 'other.sqlite.gz',
    group: 'comps.xml',
    updateinfo: 'updateinfo.xml.gz',
    productid: 'productid.gz',
  })
  expect(read(syncing, 'group').toString()).toBe('<comps/>\n')
  expect(gunzipSync(read(syncing, 'updateinfo')).toString()).toBe('<updates/>\n')
  const file = syncing.site.path('primary.sqlite')
  writeFileSync(file, gunzipSync(read(syncing, 'primary_db')))
  using database = new DatabaseSync(file, { readOnly: true })
  expect(database.prepare('SELECT name, version FROM packages ORDER BY name').all()).toEqual([
    { name: 'alpha', version: '1.0' },
    { name: 'beta', version: '2' },
  ])
  expect(database.prepare('SELECT * FROM db_info').get()).toEqual({
    dbversion: 10,
    checksum: record(syncing, 'primary').checksum.hex,
  })
  expect(record(syncing, 'primary_db').databaseVersion).toBe('10')
  expect(await syncing.run({ compat: 'el6', newest_only: true })).toBeUndefined()
})

test('the same packages give the same databases, and nothing is published anew', async () => {
  await using syncing = await startSyncing(packages, { ...modern, records: [...modern.records] })
  await syncing.run({ databases: true })
  await syncing.offer(packages, { ...modern, records: [...modern.records], revision: '1700000009' })
  expect(await syncing.run({ databases: true })).toMatchObject({ result: 'unchanged' })
})

test('el7 has no databases, modern is as upstream', async () => {
  await using syncing = await startSyncing(packages, { ...modern, records: [...modern.records] })
  await syncing.run({ compat: 'el7' })
  expect(names(syncing)).toMatchObject({ primary: 'primary.xml.gz', group: 'comps.xml' })
  expect(names(syncing)).not.toHaveProperty('primary_db')
  await syncing.run({ compat: 'modern' })
  expect(names(syncing)).toMatchObject({ primary: 'primary.xml.zst', group: 'comps.xml.zst' })
})

function records({ tree }: Syncing): RepomdRecord[] {
  return parseRepomd(readFileSync(join(tree, 'repodata/repomd.xml'))).records
}

function record(syncing: Syncing, type: string): RepomdRecord {
  return records(syncing).find((one) => one.type === type) as RepomdRecord
}

function read(syncing: Syncing, type: string): Buffer {
  return readFileSync(join(syncing.tree, record(syncing, type).href))
}

/** The names of the metadata files, without their digests, by type. */
function names(syncing: Syncing): Record<string, string> {
  return Object.fromEntries(records(syncing).map(({ type, href }) => [type, href.replace(/^.*\/[0-9a-f]{64}-/, '')]))
}
