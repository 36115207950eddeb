import { describe, expect, test } from 'vitest'
import type { DocumentName } from '../../src/repodata/documents.ts'
import { readFilelists } from '../../src/repodata/filelists/read.ts'
import { readOther } from '../../src/repodata/other/read.ts'
import { dependencyKinds } from '../../src/repodata/package.ts'
import { readPrimary } from '../../src/repodata/primary/read.ts'
import { read, written } from '../xml/documents.ts'

const pkgid = 'ab'.repeat(32)

const whole = `<package type="rpm">
  <name>bash</name>
  <arch>x86_64</arch>
  <version epoch="1" ver="5.1" rel="9.el9"/>
  <checksum type="sha256" pkgid="YES">${pkgid}</checksum>
  <summary>The &lt;GNU&gt; "Again" shell &amp; à</summary>
  <description>Two
lines</description>
  <packager>A &lt;a@example.com&gt;</packager>
  <url>https://example.com/?a&amp;b</url>
  <time file="1700000001" build="1700000000"/>
  <size package="1" installed="8589934592" archive="3"/>
  <location xml:base="file:///srv" href="Packages/bash.rpm"/>
  <format>
    <rpm:license>GPLv3+</rpm:license>
    <rpm:vendor>V</rpm:vendor>
    <rpm:group>Unspecified</rpm:group>
    <rpm:buildhost>b.example.com</rpm:buildhost>
    <rpm:sourcerpm>bash-5.1-9.el9.src.rpm</rpm:sourcerpm>
    <rpm:header-range start="4504" end="7517"/>
    <rpm:provides>
      <rpm:entry name="bash" flags="EQ" epoch="1" ver="5.1" rel="9.el9"/>
      <rpm:entry name="config(bash)"/>
    </rpm:provides>
    <rpm:requires>
      <rpm:entry name="(a &gt;= 1 if b)"/>
      <rpm:entry name="/bin/sh" pre="1"/>
      <rpm:entry name="c" flags="GE" epoch="0" ver="2" pre="0"/>
    </rpm:requires>
    <rpm:supplements><rpm:entry name="s"/></rpm:supplements>
    <file>/usr/bin/bash</file>
    <file type="dir">/etc/skel</file>
    <file type="ghost">/etc/gho&amp;st</file>
  </format>
</package>`

const without = { flags: undefined, epoch: undefined, version: undefined, release: undefined, pre: false }

const expected = {
  pkgid,
  checksumType: 'sha256',
  name: 'bash',
  arch: 'x86_64',
  epoch: '1',
  version: '5.1',
  release: '9.el9',
  summary: 'The <GNU> "Again" shell & à',
  description: 'Two\nlines',
  packager: 'A <a@example.com>',
  url: 'https://example.com/?a&b',
  fileTime: 1700000001,
  buildTime: 1700000000,
  packageSize: 1,
  installedSize: 8589934592,
  archiveSize: 3,
  href: 'Packages/bash.rpm',
  base: 'file:///srv',
  license: 'GPLv3+',
  vendor: 'V',
  group: 'Unspecified',
  buildHost: 'b.example.com',
  sourceRpm: 'bash-5.1-9.el9.src.rpm',
  headerStart: 4504,
  headerEnd: 7517,
  dependencies: {
    provides: [
      { name: 'bash', flags: 'EQ', epoch: '1', version: '5.1', release: '9.el9', pre: false },
      { ...without, name: 'config(bash)' },
    ],
    requires: [
      { ...without, name: '(a >= 1 if b)' },
      { ...without, name: '/bin/sh', pre: true },
      { name: 'c', flags: 'GE', epoch: '0', version: '2', release: undefined, pre: false },
    ],
    conflicts: [],
    obsoletes: [],
    suggests: [],
    enhances: [],
    recommends: [],
    supplements: [{ ...without, name: 's' }],
  },
  files: [
    { path: '/usr/bin/bash', type: 'file', digest: undefined },
    { path: '/etc/skel', type: 'dir', digest: undefined },
    { path: '/etc/gho&st', type: 'ghost', digest: undefined },
  ],
}

/** What a reader reads of the only record of a document that is cut as every document is. */
async function readIn<Found>(text: string, name: DocumentName, reader: (record: Buffer) => Found): Promise<Found> {
  const found: Found[] = []
  await read([text], name, (record) => found.push(reader(record)))
  expect(found).toHaveLength(1)
  return found[0] as Found
}

const primaryOf = (record: string) => readIn(written([record]), 'primary', readPrimary)

describe('a record of primary', () => {
  test('is read whole', async () => {
    expect(await primaryOf(whole)).toEqual(expected)
  })

  test.each<[string, (text: string) => string]>([
    [
      'its attributes in another order',
      (text) => text.replace('epoch="1" ver="5.1" rel="9.el9"/>', 'rel="9.el9" ver="5.1" epoch="1"/>'),
    ],
    ['single quotes and white space', (text) => text.replaceAll(/ (\w+)="([^"]*)"/g, "\n $1 = '$2'")],
    [
      'references for any character',
      (text) => text.replaceAll('à', '&#xE0;').replaceAll('name="bash"', 'name="&#98;ash"'),
    ],
    [
      'CDATA',
      (text) => text.replace('The &lt;GNU&gt; "Again" shell &amp; à', '<![CDATA[The <GNU> "Again" shell & à]]>'),
    ],
    [
      'comments in it',
      (text) => text.replaceAll('>9.el9', '><!-- x -->9.el9').replace('<format>', '<!-- </package> --><format>'),
    ],
    ['line ends of other systems', (text) => text.replaceAll('\n', '\r\n')],
    ['a line break in an attribute', (text) => text.replace('(a &gt;= 1 if b)', '(a &gt;=\n1\tif b)')],
    ['its elements in another order', (text) => text.replace(/( {2}<name>.*\n)([\s\S]*)( {2}<format>)/, '$2$1$3')],
    [
      'elements that it does not know',
      (text) => text.replace('<format>', '<x><y><rpm:entry name="z"/></y></x><format><format/>'),
    ],
  ])('reads the same with %s', async (_, changed) => {
    expect(changed(whole)).not.toBe(whole)
    expect(await primaryOf(changed(whole))).toEqual(expected)
  })

  test('reads the same with other prefixes', async () => {
    const text = written([whole.replaceAll('rpm:', 'r:').replaceAll(/<(\/?)(?=[a-z-]+[ >])(?!r:|\?)/g, '<$1c:')])
    const prefixed = text
      .replace('xmlns=', 'xmlns:c=')
      .replace('xmlns:rpm=', 'xmlns:r=')
      .replace('<metadata', '<c:metadata')
      .replace('</metadata', '</c:metadata')
    expect(await readIn(prefixed, 'primary', readPrimary)).toEqual(expected)
  })

  test.each([
    ['empty elements', `<summary/><description></description><packager/><url></url><time/><size package="7"/>`],
    ['no elements', '<size package="7"/>'],
  ])('has nothing but what it must have with %s', async (_, middle) => {
    const record = `<package type="rpm"><name>a</name><arch>noarch</arch><version ver="1" rel="2"/>
      <checksum type="sha" pkgid="YES">${'0'.repeat(40)}</checksum>${middle}<location href="a.rpm"/></package>`
    const found = await primaryOf(record)
    const texts = { summary: undefined, description: undefined, packager: undefined, url: undefined, base: undefined }
    const inFormat = {
      license: undefined,
      vendor: undefined,
      group: undefined,
      buildHost: undefined,
      sourceRpm: undefined,
    }
    const numbers = {
      fileTime: 0,
      buildTime: 0,
      packageSize: 7,
      installedSize: 0,
      archiveSize: 0,
      headerStart: 0,
      headerEnd: 0,
    }
    expect(found).toMatchObject({ ...texts, ...inFormat, ...numbers, epoch: '0', checksumType: 'sha1', files: [] })
    expect(found.dependencies).toEqual(Object.fromEntries(dependencyKinds.map((kind) => [kind, []])))
  })

  test.each([
    ['<name>bash</name>', '', 'E_PRIMARY', 'the record of a package has no name'],
    ['ver="5.1"', '', 'E_PRIMARY', 'the record of bash has no version'],
    [/<checksum .*/, '', 'E_PRIMARY', 'the record of bash has no pkgid'],
    [/<location .*/, '', 'E_PRIMARY', 'the record of bash has no href'],
    ['<format>', '<location href="b"/><format>', 'E_PRIMARY', 'the record of bash has more than one location'],
    ['flags="GE"', 'flags="=>"', 'E_PRIMARY', 'the record of bash has an entry with flags "=>"'],
    ['build="1700000000"', 'build="today"', 'E_XML', 'build="today": a whole number is expected'],
    [pkgid, 'abc', 'E_HASH', 'malformed sha256 checksum "abc"'],
    ['</format>', '', 'E_XML', '</format> expected'],
  ])('%s replaced by %j is refused', (from, to, code, message) => {
    expect(() => readPrimary(Buffer.from(whole.replace(from, to)))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    )
  })
})

describe('a record of filelists', () => {
  test('is read with types and digests', async () => {
    const record = `<package pkgid="${pkgid.toUpperCase()}" name="a" arch="b"><version epoch="0" ver="1" rel="2"/>
      <file>/a &amp; b</file><file type='dir'>/</file><file type="ghost">/g</file>
      <file hash="00ff">/h</file><file>relative</file></package>`
    expect(await readIn(written([record], 'filelists'), 'filelists', readFilelists)).toEqual({
      pkgid,
      files: [
        { path: '/a & b', type: 'file', digest: undefined },
        { path: '/', type: 'dir', digest: undefined },
        { path: '/g', type: 'ghost', digest: undefined },
        { path: '/h', type: 'file', digest: '00ff' },
        { path: 'relative', type: 'file', digest: undefined },
      ],
    })
  })
})

describe('a record of other', () => {
  test('is read in its order', async () => {
    const record = `<package name="a" arch="b" pkgid="${pkgid}"><version epoch="0" ver="1" rel="2"/>
      <changelog author="A &lt;a@b&gt; - 1" date="1">- one
- &amp;</changelog><changelog date='2' author='&quot;'/></package>`
    expect(await readIn(written([record], 'other'), 'other', readOther)).toEqual({
      pkgid,
      changelogs: [
        { author: 'A <a@b> - 1', date: 1, text: '- one\n- &' },
        { author: '"', date: 2, text: '' },
      ],
    })
  })

  test('is refused without what ties it to primary', () => {
    const refused = expect.objectContaining({ code: 'E_MISMATCH' })
    expect(() => readOther(Buffer.from('<package name="a"/>'))).toThrow(refused)
    expect(() => readFilelists(Buffer.from('<package pkgid=""/>'))).toThrow(refused)
  })
})
