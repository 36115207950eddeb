import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Digest, parseDigest } from '../../src/digest.ts'
import { parseRepomd, type Repomd, type RepomdRecord, writeRepomd } from '../../src/repodata/repomd.ts'
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { mutations } from '../xml/mutations.ts'
import { askXmllint } from '../xml/xmllint.ts'

const sha256 = (digit: string): Digest => parseDigest('sha256', digit.repeat(64))

function record(type: string, more: Partial<RepomdRecord> = {}): RepomdRecord {
  return {
    type,
    href: `repodata/${type}.xml.gz`,
    checksum: sha256('a'),
    size: 1234,
    openChecksum: sha256('b'),
    openSize: 5678,
    timestamp: 1_700_000_000,
    databaseVersion: undefined,
    ...more,
  }
}

const full: Repomd = {
  revision: '1700000000',
  tags: [
    { kind: 'content', text: 'binary', cpeid: undefined },
    { kind: 'repo', text: 'a & <b>', cpeid: undefined },
    { kind: 'distro', text: 'Éxample 9', cpeid: 'cpe:/o:example:"9"' },
  ],
  records: [
    record('primary'),
    record('filelists', { checksum: parseDigest('sha512', 'c'.repeat(128)) }),
    record('other', { checksum: parseDigest('sha', 'd'.repeat(40)), openChecksum: undefined, openSize: undefined }),
    record('primary_db', { databaseVersion: '10' }),
    record('primary_zck', { header: { checksum: sha256('e'), size: 99 } }),
    record('other_zck', { header: { checksum: sha256('f'), size: undefined }, base: 'http://example.com/a&b/' }),
    record('modules', { href: `repodata/it's <a> & "b".gz`, size: undefined }),
    record('x-<y>', { timestamp: 0 }),
  ],
}

describe('what is written', () => {
  test('is read again as it was', () => {
    expect(parseRepomd(writeRepomd(full))).toEqual(full)
    const none: Repomd = { revision: '', tags: [], records: [] }
    expect(parseRepomd(writeRepomd(none))).toEqual(none)
  })

  test('has primary, filelists and other first, then their databases, and the rest by type and place', () => {
    const types = ['zck', 'other_db', 'primary_zck', 'other', 'group', 'primary', 'filelists', 'filelists_db', 'Group']
    const records = types.map((type) => record(type))
    const twice = [record('x', { href: 'b' }), record('x', { href: 'a' })]
    const { records: read } = parseRepomd(writeRepomd({ revision: '1', tags: [], records: [...twice, ...records] }))
    expect(read.map(({ type, href }) => (type === 'x' ? href : type))).toEqual([
      'primary',
      'filelists',
      'other',
      'filelists_db',
      'other_db',
      'primary_zck',
      'Group',
      'group',
      'a',
      'b',
      'zck',
    ])
  })

  test('does not depend on the order of what it is written from, and leaves that as it is', () => {
    const records = full.records.toReversed()
    const before = structuredClone(records)
    expect(writeRepomd({ ...full, records })).toEqual(writeRepomd(full))
    expect(records).toEqual(before)
  })

  test
    .skipIf(!judge('createrepo_c'))
    .each([
      [[]],
      [['--revision=a & <b>']],
      [['--repo=r1', '--repo=r2', '--content=c', '--distro=cpe:/o:x:9,Example & 9', '--distro=Other']],
      [['--checksum=sha512', '--simple-md-filenames']],
      [['--database', '--compress-type=xz']],
      [['--zck']],
    ])('is byte for byte what createrepo_c %j wrote', async (options) => {
    await using folder = await makeTemporaryFolder()
    mkdirSync(join(folder.path, 'empty'))
    const command = ['--quiet', ...(options.includes('--database') ? [] : ['--no-database']), ...options]
    execFileSync('createrepo_c', [...command, folder.path], { stdio: 'pipe' })
    const bytes = readFileSync(join(folder.path, 'repodata/repomd.xml'))
    expect(String(writeRepomd(parseRepomd(bytes)))).toBe(String(bytes))
  })

  test('is byte for byte what createrepo_c wrote for the demo, with all that was added to it', () => {
    const bytes = readFileSync(new URL('../../demo/upstream/repodata/repomd.xml', import.meta.url))
    expect(parseRepomd(bytes).records.map(({ type }) => type)).toContain('modules')
    expect(String(writeRepomd(parseRepomd(bytes)))).toBe(String(bytes))
  })

  test.skipIf(!judge('xmllint'))('is well-formed whatever faults are accepted in what was read', async () => {
    const written: Buffer[] = []
    for (const mutant of fc.sample(mutations(String(writeRepomd(full))), 4000)) {
      try {
        written.push(writeRepomd(parseRepomd(mutant)))
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^E_(NOT_)?REPOMD$/) })
      }
    }
    expect(written.length).toBeGreaterThan(100)
    const verdicts = await askXmllint(written)
    expect(written.filter((_, i) => !verdicts[i]).map(String)).toEqual([])
  })
})

describe('what others write is read, too', () => {
  const text = String(writeRepomd({ revision: '1', tags: [], records: [record('primary')] }))
  const [read] = parseRepomd(Buffer.from(text)).records

  test.each<[string, string, Partial<RepomdRecord>]>([
    ['a timestamp with a fraction, of createrepo in Python', text.replace('1700000000<', '1700000000.97<'), {}],
    ['no timestamp', text.replace(/ *<timestamp>.*\n/, ''), { timestamp: 0 }],
    ['no size', text.replace(/ *<size>.*\n/, ''), { size: undefined }],
    ['no open-checksum', text.replace(/ *<open-checksum.*\n/, ''), { openChecksum: undefined }],
    ['an empty open-size', text.replace(/<open-size>\d+/, '<open-size>'), { openSize: undefined }],
    ['space around what it says', text.replaceAll(/>(\w+)</g, '>\n  $1\t<'), {}],
    ['digests in capital letters', text.replaceAll(/>(\w{64})</g, (_, hex) => `>${hex.toUpperCase()}<`), {}],
    ['prefixes', text.replaceAll(/(<\/?)(?=[a-z])/g, '$1r:').replace('xmlns=', 'xmlns:r='), {}],
    ['comments', text.replaceAll('\n  ', '\n<!-- <data/> -->'), {}],
    ['elements that are not known', text.replace('<size>', '<header-size>5</header-size><x><y/></x><size>'), {}],
    ['a byte order mark', `\ufeff${text}`, {}],
    ['no declaration', text.slice(text.indexOf('<repomd')), {}],
    ['a size of nothing', text.replace('<size>1234', '<size>0'), { size: 0 }],
  ])('%s', (_, other, difference) => {
    expect(other).not.toBe(text)
    expect(parseRepomd(Buffer.from(other)).records).toEqual([{ ...read, ...difference }])
  })

  test.each([
    ['no revision', text.replace(/ *<revision>.*\n/, ''), ''],
    ['an empty revision', text.replace('<revision>1', '<revision>'), ''],
    [
      'a revision that is no number',
      text.replace('<revision>1', '<revision>2024-01-02 &amp; later'),
      '2024-01-02 & later',
    ],
  ])('%s', (_, other, revision) => {
    expect(parseRepomd(Buffer.from(other)).revision).toBe(revision)
  })

  test.each([
    ['no tags', '<tags/>', []],
    ['an empty tag', '<tags><repo/><content>a</content></tags>', [{ kind: 'content', text: 'a', cpeid: undefined }]],
    ['an unknown tag', '<tags><x>a</x></tags>', []],
    [
      'tags in two places',
      '<tags><distro cpeid="c">a</distro></tags><tags><repo>b</repo></tags>',
      [
        { kind: 'distro', text: 'a', cpeid: 'c' },
        { kind: 'repo', text: 'b', cpeid: undefined },
      ],
    ],
  ])('%s', (_, tags, read) => {
    expect(parseRepomd(Buffer.from(text.replace('</revision>', `</revision>${tags}`))).tags).toEqual(read)
  })

  test('several records of a type that describes no packages', () => {
    const records = [record('appstream', { href: 'a' }), record('appstream', { href: 'b' })]
    expect(parseRepomd(writeRepomd({ ...full, records })).records).toEqual(records)
  })
})

describe('a repomd.xml is refused where', () => {
  const text = String(writeRepomd({ revision: '1', tags: [], records: [record('primary'), record('other')] }))
  const at = 'record primary of repomd.xml'

  test.each<[string, string, string]>([
    ['a record has no type', text.replace(' type="primary"', ''), 'repomd.xml has a record without a type'],
    ['a record has an empty type', text.replace('"primary"', '""'), 'repomd.xml has a record without a type'],
    ['a record is empty', text.replace('<data ', '<data/><data '), 'repomd.xml has a record without a type'],
    ['a record has only a type', text.replace('<data ', '<data type="primary"/><data '), `${at} has no location`],
    ['a location is missing', text.replace(/<location.*/, ''), `${at} has no location`],
    ['a location is empty', text.replace(/href="[^"]*"/, 'href=""'), `${at} has no location`],
    ['a location says nothing', text.replace(/ href="[^"]*"/, ''), `${at} has no location`],
    ['there are two locations', text.replace(/(<location.*)/, '$1$1'), `${at} has no location`],
    ['a checksum is missing', text.replace(/<checksum.*/, ''), `${at} has no checksum`],
    ['a checksum is empty', text.replace(/>a+</, '><'), `${at} has no checksum`],
    ['there are two checksums', text.replace(/(<checksum.*)/, '$1$1'), `${at} has no checksum`],
    ['a checksum has no type', text.replace(' type="sha256"', ''), `${at}: unknown checksum type ""`],
    ['a checksum has an unknown type', text.replace('"sha256"', '"crc32"'), `${at}: unknown checksum type "crc32"`],
    ['a checksum is cut', text.replace('>a', '>'), `${at}: malformed sha256 checksum "${'a'.repeat(63)}"`],
    ['an open-checksum is wrong', text.replace(/>b+</, '>b<'), `${at}: malformed sha256 checksum "b"`],
    ['a size is negative', text.replace('>1234', '>-1'), `${at}: "-1" is no number`],
    ['a size is no number', text.replace('>1234', '>NaN'), `${at}: "NaN" is no number`],
    ['a size is hex', text.replace('>1234', '>0x10'), `${at}: "0x10" is no number`],
    ['a size has a fraction', text.replace('>1234', '>12.5'), `${at}: "12.5" is no number`],
    ['a size is beyond all numbers', text.replace('>1234', `>${2n ** 63n}`), `${at}: "${2n ** 63n}" is no number`],
    ['an open-size is no number', text.replace('>5678', '>1e3'), `${at}: "1e3" is no number`],
    ['a timestamp is no number', text.replace('>1700000000', '>today'), `${at}: "today" is no number`],
    ['primary is there twice', text.replace('"other"', '"primary"'), 'repomd.xml has two records of type primary'],
    ['other is there twice', text.replace('"primary"', '"other"'), 'repomd.xml has two records of type other'],
  ])('%s', (_, wrong, message) => {
    expect(wrong).not.toBe(text)
    expect(() => parseRepomd(Buffer.from(wrong))).toThrow(expect.objectContaining({ code: 'E_REPOMD', message }))
  })

  test.each<[string, string | Buffer, string]>([
    [
      'it is a web page',
      '<!DOCTYPE html>\n<html><body>Please\n log in</body></html>',
      'expected <repomd>, found <html>',
    ],
    ['it is empty', '', 'not well-formed at 1:1: Start tag expected.'],
    ['it is text', 'Not found', "not well-formed at 1:1: char 'N' is not expected."],
    ['it is another document', '<metalink/>', 'expected <repomd>, found <metalink>'],
    [
      'it is cut',
      text.trimEnd().slice(0, -4),
      "not well-formed at 20:6: Closing tag 'rep' doesn't have proper closing.",
    ],
    ['it is compressed', Buffer.from('1f8b080000000000000300', 'hex'), 'not UTF-8'],
    ['it declares entities', '<!DOCTYPE r [<!ENTITY a "b">]><repomd/>', 'a DOCTYPE with an internal subset is refused'],
  ])('%s, with its beginning', (_, wrong, why) => {
    const begins = JSON.stringify(Buffer.from(wrong).subarray(0, 80).toString().replaceAll(/\s+/g, ' '))
    expect(() => parseRepomd(Buffer.from(wrong))).toThrow(
      expect.objectContaining({ code: 'E_NOT_REPOMD', message: `not a repomd.xml (${why}); it begins ${begins}` }),
    )
  })
})
