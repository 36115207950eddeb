import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { DocumentName } from '../../src/repodata/documents.ts'
import { emptyRecord, readPkgid, readPrimaryRecord, relocate } from '../../src/repodata/primary/select.ts'
import { dnfIn, lines } from '../conformance/clients.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { read } from '../xml/documents.ts'

const demo = join(import.meta.dirname, '../../demo/upstream')

/** The records of a document of the demo, which createrepo_c made. */
async function demoRecords(name: DocumentName): Promise<Buffer[]> {
  const file = readdirSync(join(demo, 'repodata')).find((file) => file.endsWith(`-${name}.xml.gz`)) as string
  const document = gunzipSync(readFileSync(join(demo, 'repodata', file)))
  return (await read([document], name)).records.map((record) => Buffer.from(record))
}

const demoPackages = async () => (await demoRecords('primary')).map(readPrimaryRecord)

describe('the packages of the demo', () => {
  test('are the files that lie where their records say', async () => {
    const packages = await demoPackages()
    expect(packages).toHaveLength(26)
    for (const { href, size, checksum, base, fileTime } of packages) {
      const file = readFileSync(join(demo, href))
      expect({ size: file.length, hex: createHash('sha256').update(file).digest('hex') }).toEqual({
        size,
        hex: checksum.hex,
      })
      expect(checksum.algorithm).toBe('sha256')
      expect(base).toBeUndefined()
      expect(fileTime).toBeGreaterThan(1_000_000_000)
    }
  })

  test.skipIf(!judge('rpm'))('are what rpm says that they are', async () => {
    const packages = await demoPackages()
    const format = '%{NAME}|%{EPOCHNUM}|%{VERSION}|%{RELEASE}|%|SOURCERPM?{%{ARCH}}:{src}||%{BUILDTIME}\n'
    const query = ['-qp', '--nosignature', '--nodigest', '--queryformat', format]
    const answer = execFileSync('rpm', [...query, ...packages.map(({ href }) => href)], { cwd: demo, encoding: 'utf8' })
    const fields = packages.map(({ name, epoch, version, release, arch, buildTime }) =>
      [name, epoch, version, release, arch, buildTime].join('|'),
    )
    expect(fields).toEqual(answer.trim().split('\n'))
  })

  test.skipIf(!judge('dnf'))('are what dnf reads of their records', async () => {
    await using folder = await makeTemporaryFolder()
    const format = '%{name}|%{epoch}|%{version}|%{release}|%{arch}|%{location}|%{downloadsize}\n'
    const options = ['--setopt=t.module_hotfixes=1', `--queryformat=${format}`]
    const seen = lines(await dnfIn(folder.path)(demo, 'repoquery', ...options))
    const packages = await demoPackages()
    const fields = packages.map(({ name, epoch, version, release, arch, href, size }) =>
      [name, epoch, version, release, arch, href, size].join('|'),
    )
    expect(fields.sort()).toEqual(seen)
  })

  test('have records of the same pkgids in filelists and other', async () => {
    const pkgids = (await demoPackages()).map(({ checksum }) => checksum.hex)
    for (const name of ['filelists', 'other'] as const) expect((await demoRecords(name)).map(readPkgid)).toEqual(pkgids)
  })

  test('would have had the same records without files and changelogs', async () => {
    const packages = await demoPackages()
    for (const name of ['filelists', 'other'] as const) {
      const emptied = (await demoRecords(name)).map((record) =>
        String(record).replaceAll(/ *<(file|changelog)\b[^>]*>[^<]*<\/\1>\n/g, ''),
      )
      expect(packages.map((found) => String(emptyRecord(found)))).toEqual(emptied)
    }
  })
})

const hex = 'ab'.repeat(32)
const record = `<package type="rpm">
  <name>a&amp;b</name>
  <arch>x86_64</arch>
  <version epoch="1" ver="2.0~rc1" rel="3.el9"/>
  <checksum type="sha256" pkgid="YES">${hex}</checksum>
  <summary>name</summary>
  <time file="1700000001" build="1700000000"/>
  <size package="700" installed="1000" archive="1100"/>
<location href="Packages/a/a&amp;b.rpm"/>
  <format>
    <name>not this</name>
    <rpm:provides>
      <rpm:entry name="a"/>
    </rpm:provides>
  </format>
</package>`

const fields = {
  name: 'a&b',
  arch: 'x86_64',
  epoch: '1',
  version: '2.0~rc1',
  release: '3.el9',
  checksum: { algorithm: 'sha256', hex },
  size: 700,
  href: 'Packages/a/a&b.rpm',
  base: undefined,
  fileTime: 1_700_000_001,
  buildTime: 1_700_000_000,
}

/** The record with the first match replaced. */
function changed(from: string | RegExp, to: string): string {
  const other = record.replace(from, to)
  expect(other).not.toBe(record)
  return other
}

describe('a record of primary', () => {
  test('is read by what selecting and fetching need', () => {
    expect(readPrimaryRecord(Buffer.from(record))).toEqual(fields)
  })

  test.each<[string, string | RegExp, string, object]>([
    ['no epoch', ' epoch="1"', '', { epoch: '0' }],
    ['an empty epoch', 'epoch="1"', 'epoch=""', { epoch: '0' }],
    ['no times', /<time.*\n/, '', { fileTime: 0, buildTime: 0 }],
    ['an empty time', 'build="1700000000"', 'build=""', { buildTime: 0 }],
    ['a time before 1970', /file="\d+"/, 'file="-86400"', { fileTime: -86_400 }],
    ['a base', '<location ', '<location xml:base="http://m.example/x" ', { base: 'http://m.example/x' }],
    ['other quotes', '"Packages/a/a&amp;b.rpm"', `'Packages/"a".rpm'`, { href: 'Packages/"a".rpm' }],
    ['a location that is closed by its own tag', 'b.rpm"/>', 'b.rpm"></location>', {}],
    ['references in its location', 'a&amp;b.rpm', '&#x61;&#38;b.rpm', {}],
    ['a checksum with space around it', hex, `\n ${hex.toUpperCase()} `, {}],
    [
      'SHA-1 by its old name',
      /"sha256" pkgid="YES">\w+/,
      `"sha">${'c'.repeat(40)}`,
      { checksum: { algorithm: 'sha1', hex: 'c'.repeat(40) } },
    ],
    ['other order', /(\s*<name>a.*)(\s*<arch>.*)/, '$2$1', {}],
    ['elements that are not known', '<name>', '<names>x</names><x:name/><name>', {}],
  ])('may have %s', (_, from, to, difference) => {
    expect(readPrimaryRecord(Buffer.from(changed(from, to)))).toEqual({ ...fields, ...difference })
  })

  test.each<[string, string | RegExp, string, string]>([
    ['no name', /<name>a.*/, '', 'the record of a package without a name has no name'],
    ['an empty name', '<name>a&amp;b</name>', '<name></name>', 'the record of a package without a name has no name'],
    [
      'a name that is closed at once',
      '<name>a&amp;b</name>',
      '<name/>',
      'the record of a package without a name has no name',
    ],
    ['no arch', /<arch>.*/, '', 'the record of a&b has no arch'],
    ['no version element', /<version.*/, '', 'the record of a&b has no version'],
    ['no version', ' ver="2.0~rc1"', '', 'the record of a&b has no version'],
    ['an empty version', '"2.0~rc1"', '""', 'the record of a&b has no version'],
    ['no release', ' rel="3.el9"', '', 'the record of a&b has no release'],
    ['no checksum', /<checksum.*/, '', 'the record of a&b has no checksum'],
    ['no size element', /<size.*/, '', 'the record of a&b has no size'],
    ['no size', ' package="700"', '', 'the record of a&b has no usable size: undefined'],
    ['an empty size', '"700"', '""', 'the record of a&b has no usable size: ""'],
    ['a size of nothing', '"700"', '"0"', 'the record of a&b has no usable size: "0"'],
    ['a negative size', '"700"', '"-1"', 'the record of a&b has no usable size: "-1"'],
    ['a size that is no number', '"700"', '"NaN"', 'the record of a&b has no usable size: "NaN"'],
    ['a size in hex', '"700"', '"0x2bc"', 'the record of a&b has no usable size: "0x2bc"'],
    ['a size with a fraction', '"700"', '"7.5"', 'the record of a&b has no usable size: "7.5"'],
    ['a size of 2^63', '"700"', `"${2n ** 63n}"`, `the record of a&b has no usable size: "${2n ** 63n}"`],
    ['a time that is no number', '"1700000000"', '"today"', 'the record of a&b has no usable build time: "today"'],
    ['no location', /<location.*/, '', 'the record of a&b has no href'],
    ['a location without a place', / href="[^"]*"/, '', 'the record of a&b has no href'],
    ['an empty location', /href="[^"]*"/, 'href=""', 'the record of a&b has no href'],
    ['two locations', /(<location.*)/, '$1$1', 'the record of a&b has more than one location'],
  ])('is refused that has %s', (_, from, to, message) => {
    expect(() => readPrimaryRecord(Buffer.from(changed(from, to)))).toThrow(
      expect.objectContaining({ code: 'E_PRIMARY', message }),
    )
  })

  test.each<[string, string | RegExp, string, string, string]>([
    ['a checksum of an unknown type', '"sha256"', '"crc32"', 'E_HASH', 'unknown checksum type "crc32"'],
    ['a checksum without a type', ' type="sha256"', '', 'E_HASH', 'unknown checksum type ""'],
    ['a checksum that is cut', hex, hex.slice(1), 'E_HASH', `malformed sha256 checksum "${hex.slice(1)}"`],
    ['an empty checksum', hex, '', 'E_HASH', 'malformed sha256 checksum ""'],
    ['crossed tags', '</name>', '</nome>', 'E_XML', '</name> expected at byte 38'],
    [
      'a fault far from what is read',
      '<rpm:entry name="a"/>',
      '<rpm:entry name="a>',
      'E_XML',
      'an attribute that does',
    ],
  ])('is refused that has %s', (_, from, to, code, message) => {
    expect(() => readPrimaryRecord(Buffer.from(changed(from, to)))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

describe('a record that moves', () => {
  test.each([
    ['as createrepo_c writes it', '<location href="Packages/a/a&amp;b.rpm"/>', '<location href="b.rpm"/>'],
    ['closed by its own tag', '<location href="x"></location>', '<location href="b.rpm"></location>'],
    ['with space', `<location\n  href = 'x' />`, '<location href="b.rpm"/>'],
    ['with a base', '<location xml:base="http://m.example/" href="x"/>', '<location href="b.rpm"/>'],
    ['with a base behind', '<location href="x" xml:base="http://m.example/"/>', '<location href="b.rpm"/>'],
    ['with a ">" in its place', '<location href="a>b"/>', '<location href="b.rpm"/>'],
    ['with a "/" at its end', '<location href="a/"></location>', '<location href="b.rpm"></location>'],
  ])('has another location and is otherwise the same: %s', (_, before, after) => {
    const other = record.replace(/<location.*\/>/, before)
    const moved = relocate(Buffer.from(other), 'b.rpm')
    expect(String(moved)).toBe(other.replace(before, after))
    expect(readPrimaryRecord(moved)).toEqual({ ...fields, href: 'b.rpm' })
  })

  test.each([`a&b "c" <d> 'e'.rpm`, 'é 漢.rpm', 'a\tb\nc', '$&$1'])('may move to %j', (href) => {
    expect(readPrimaryRecord(relocate(Buffer.from(record), href))).toEqual({ ...fields, href })
  })

  test('is every record of the demo', async () => {
    for (const before of await demoRecords('primary')) {
      const after = String(relocate(before, 'x'))
      expect(after.replace('<location href="x"/>', '')).toBe(String(before).replace(/<location href="[^"]*"\/>/, ''))
    }
  })

  test('needs a location', () => {
    expect(() => relocate(Buffer.from('<package><format><location href="x"/></format></package>'), 'y')).toThrow(
      expect.objectContaining({ code: 'E_PRIMARY', message: 'a record without a location' }),
    )
  })
})

describe('a record of filelists or other', () => {
  test.each([
    [`<package pkgid="${hex}" name="a" arch="b"/>`, hex],
    [`<package name="a" pkgid='${hex.toUpperCase()}'/>`, hex],
    [`<package pkgids="x" pkgid="y"><version pkgid="z"/></package>`, 'y'],
  ])('%s has its pkgid in small letters', (record, pkgid) => {
    expect(readPkgid(Buffer.from(record))).toBe(pkgid)
  })

  test.each([
    ['without a pkgid', '<package><version pkgid="a"/></package>', 'E_MISMATCH', 'has no pkgid'],
    ['that is not well-formed', `<package pkgid="${hex}"><file></package>`, 'E_XML', '</file> expected'],
  ])('%s is refused', (_, record, code, message) => {
    expect(() => readPkgid(Buffer.from(record))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })

  test('that is made up names its package whatever characters that needs', () => {
    const made = emptyRecord({ ...readPrimaryRecord(Buffer.from(record)), name: 'a"<b>&\n', version: "1'2" })
    expect(String(made)).toBe(
      `<package pkgid="${hex}" name="a&quot;&lt;b&gt;&amp;&#10;" arch="x86_64">\n  <version epoch="1" ver="1'2" rel="3.el9"/>\n</package>`,
    )
    expect(readPkgid(made)).toBe(hex)
  })
})
