import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { DocumentName } from '../../src/repodata/documents.ts'
import { comparePackages, writeDatabase } from '../../src/repodata/sqlite/database.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { written } from '../xml/documents.ts'

const [one, two] = ['11'.repeat(32), '22'.repeat(32)] as [string, string]

function primaryRecord(pkgid: string, format = ''): string {
  return `<package type="rpm"><name>a</name><arch>noarch</arch><version epoch="0" ver="1" rel="2"/>
    <checksum type="sha256" pkgid="YES">${pkgid}</checksum><summary/><description/><packager/><url/>
    <time file="3" build="4"/><size package="5" installed="6" archive="7"/><location href="a.rpm"/>
    <format><rpm:license/><rpm:vendor/><rpm:group/><rpm:buildhost/><rpm:sourcerpm/>
    <rpm:header-range start="8" end="9"/>${format}</format></package>`
}

/** The database of a document of these records. */
async function databaseOf(folder: string, name: DocumentName, records: string[]): Promise<string> {
  const text = written(records, name)
  const file = join(folder, `${name}.xml`)
  writeFileSync(file, text)
  const checksum = { algorithm: 'sha256', hex: createHash('sha256').update(text).digest('hex') } as const
  return await writeDatabase(
    name,
    { file, checksum, openChecksum: checksum, openSize: Buffer.byteLength(text) },
    folder,
  )
}

function rowsOf(file: string, query: string): unknown[][] {
  using database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare(query)
  statement.setReturnArrays(true)
  return statement.all() as unknown as unknown[][]
}

describe('primary.sqlite', () => {
  test('has NULL for what a package does not have, but for vendor and source package', async () => {
    await using folder = await makeTemporaryFolder()
    const file = await databaseOf(folder.path, 'primary', [primaryRecord(one)])
    const texts = 'summary, description, url, rpm_license, rpm_group, rpm_buildhost, rpm_packager, location_base'
    expect(rowsOf(file, `SELECT ${texts} FROM packages`)).toEqual([Array.from({ length: 8 }, () => null)])
    expect(rowsOf(file, 'SELECT rpm_vendor, rpm_sourcerpm FROM packages')).toEqual([['', '']])
    const numbers = 'pkgKey, time_file, time_build, size_package, size_installed, size_archive'
    expect(rowsOf(file, `SELECT ${numbers}, rpm_header_start, rpm_header_end FROM packages`)).toEqual([
      [1, 3, 4, 5, 6, 7, 8, 9],
    ])
  })

  test('has dependencies by their kinds, files that clients look for in primary, and forgets them with their package', async () => {
    await using folder = await makeTemporaryFolder()
    const format = `<rpm:provides><rpm:entry name="p" flags="EQ" epoch="0" ver="1" rel="2"/></rpm:provides>
      <rpm:requires><rpm:entry name="r"/><rpm:entry name="s" flags="GE" ver="1" pre="1"/></rpm:requires>
      <file>/usr/bin/a</file><file type="ghost">/etc/g</file><file type="dir">/usr/share/a</file>`
    const file = await databaseOf(folder.path, 'primary', [primaryRecord(one), primaryRecord(two, format)])
    expect(rowsOf(file, 'SELECT * FROM provides')).toEqual([['p', 'EQ', '0', '1', '2', 2]])
    expect(rowsOf(file, 'SELECT * FROM requires')).toEqual([
      ['r', null, null, null, null, 2, 'FALSE'],
      ['s', 'GE', null, '1', null, 2, 'TRUE'],
    ])
    expect(rowsOf(file, 'SELECT * FROM files')).toEqual([
      ['/usr/bin/a', 'file', 2],
      ['/etc/g', 'ghost', 2],
    ])
    using database = new DatabaseSync(file)
    database.exec('DELETE FROM packages WHERE pkgKey = 2')
    expect(['provides', 'requires', 'files'].flatMap((table) => rowsOf(file, `SELECT * FROM ${table}`))).toEqual([])
  })

  test('names the version of its tables and the document that it is of', async () => {
    await using folder = await makeTemporaryFolder()
    const file = await databaseOf(folder.path, 'primary', [primaryRecord(one)])
    const document = createHash('sha256')
      .update(written([primaryRecord(one)]))
      .digest('hex')
    expect(rowsOf(file, 'SELECT * FROM db_info')).toEqual([[10, document]])
    expect(rowsOf(file, 'PRAGMA integrity_check')).toEqual([['ok']])
  })
})

describe('filelists.sqlite', () => {
  test('has a row for each directory, wherever its files stand in the list', async () => {
    await using folder = await makeTemporaryFolder()
    const files = `<file type="dir">/</file><file>/usr/a</file><file type="dir">/usr</file><file>a.spec</file>
      <file type="ghost">/usr/b b</file><file>/c</file><file>a.tar</file><file>//d</file>`
    const record = `<package pkgid="${one}" name="a" arch="b"><version epoch="0" ver="1" rel="2"/>${files}</package>`
    const file = await databaseOf(folder.path, 'filelists', [record])
    expect(rowsOf(file, 'SELECT * FROM filelist ORDER BY rowid')).toEqual([
      [1, '/', '//usr/c', 'ddf'],
      [1, '/usr', 'a/b b', 'fg'],
      [1, '.', 'a.spec/a.tar', 'ff'],
      [1, '/', 'd', 'f'],
    ])
  })
})

describe('other.sqlite', () => {
  test('has the changelogs in their order', async () => {
    await using folder = await makeTemporaryFolder()
    const logs = '<changelog author="A" date="2">b</changelog><changelog author="B" date="1"/>'
    const records = [one, two].map((pkgid) => `<package pkgid="${pkgid}" name="a" arch="b">${logs}</package>`)
    const file = await databaseOf(folder.path, 'other', records)
    expect(rowsOf(file, 'SELECT * FROM packages')).toEqual([
      [1, one],
      [2, two],
    ])
    expect(rowsOf(file, 'SELECT * FROM changelog WHERE pkgKey = 2 ORDER BY rowid')).toEqual([
      [2, 'A', 2, 'b'],
      [2, 'B', 1, ''],
    ])
  })
})

describe('databases', () => {
  const other = (pkgid: string) => `<package pkgid="${pkgid}" name="a" arch="b"></package>`

  test('agree where they have the same packages in any order', async () => {
    await using folder = await makeTemporaryFolder()
    const primary = await databaseOf(folder.path, 'primary', [primaryRecord(one), primaryRecord(two)])
    comparePackages([primary, await databaseOf(folder.path, 'other', [other(two), other(one)])])
  })

  test.each([
    ['too many', [one, two], two],
    ['too few', [], one],
  ])('do not agree where one has %s', async (_, pkgids, odd) => {
    await using folder = await makeTemporaryFolder()
    const primary = await databaseOf(folder.path, 'primary', [primaryRecord(one)])
    const beside = await databaseOf(folder.path, 'other', pkgids.map(other))
    expect(() => comparePackages([primary, beside])).toThrow(
      expect.objectContaining({ code: 'E_MISMATCH', message: expect.stringContaining(`pkgid ${odd}`) }),
    )
  })
})
