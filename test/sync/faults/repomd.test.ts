import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'
import { editRepomd } from './upstreamEdits.ts'

const fetching = 'Cannot fetch URLrepodata/repomd.xml'
const primary = /<data type="primary">.*?<\/data>\n/s

function broken(what: string, change: (text: string) => string | Buffer, line: string | RegExp): BadInput {
  return { what, spoil: ({ dir }) => editRepomd(dir, change), line }
}

/** Not a repomd.xml at all, by what the parser says of it. */
function noRepomd(what: string, change: (text: string) => string | Buffer, reason: string): BadInput {
  return {
    what,
    spoil: ({ dir }) => editRepomd(dir, change),
    line: new RegExp(`^E_NOT_REPOMD REPO: ${fetching}: not a repomd\\.xml \\(${RegExp.escape(reason)}\\); it begins "`),
  }
}

/** One that lacks something or says it wrongly. */
function wrong(what: string, change: (text: string) => string, reason: string): BadInput {
  return broken(what, change, `E_REPOMD REPO: ${fetching}: ${reason}`)
}

/** Changes the record of primary only. */
function inPrimary(from: string | RegExp, to: string): (text: string) => string {
  return (text) => text.replace(primary, (record) => record.replace(from, to))
}

refuses({
  'M4, M5 and U6: a repomd.xml that is no XML of its kind': [
    noRepomd(
      'cut in the middle',
      (text) => text.slice(0, text.length / 2),
      'not well-formed at 1:1: Invalid \'[    "repomd",    "data",    "open-chec"]\' found.',
    ),
    noRepomd(
      'cut before its end tag',
      (text) => text.slice(0, text.lastIndexOf('</repomd>')),
      "not well-formed at 2:1: Unclosed tag 'repomd'.",
    ),
    noRepomd(
      'cut within its end tag',
      (text) => text.slice(0, -4),
      "not well-formed at 28:6: Closing tag 'rep' doesn't have proper closing.",
    ),
    noRepomd('two roots', (text) => `${text}<repomd/>`, 'more than one <repomd>'),
    noRepomd('another root', (text) => text.replaceAll('repomd', 'metalink'), 'expected <repomd>, found <metalink>'),
    noRepomd('text', () => 'Not here.', "not well-formed at 1:1: char 'N' is not expected."),
    noRepomd('JSON', () => '{"error":"not found"}', "not well-formed at 1:1: char '{' is not expected."),
    noRepomd('gzip', () => Buffer.from('1f8b0800000000000003', 'hex'), 'not UTF-8'),
    noRepomd('a megabyte of zeros', () => Buffer.alloc(2 ** 20), 'the character "\\u0000", which XML forbids'),
    noRepomd(
      'crossed tags',
      (text) => text.replace('</revision>', '</revise>'),
      "not well-formed at 3:23: Expected closing tag 'revision' (opened in line 3, col 3) instead of closing tag 'revise'.",
    ),
    noRepomd(
      'an attribute without quotes',
      (text) => text.replace('"primary"', 'primary'),
      "not well-formed at 4:9: Attribute 'type' is without value.",
    ),
    noRepomd(
      'an attribute that occurs twice',
      (text) => text.replace('type="primary"', 'type="primary" type="other"'),
      "not well-formed at 4:24: Attribute 'type' is repeated.",
    ),
    noRepomd(
      'a bare ampersand',
      (text) => text.replace('<revision>', '<revision>&'),
      "not well-formed at 3:13: char '&' is not expected.",
    ),
    noRepomd(
      'an undeclared entity',
      (text) => text.replace('<revision>', '<revision>&nbsp;'),
      'a reference to an unknown entity: &nbsp;',
    ),
    noRepomd(
      'an entity declaration',
      (text) => text.replace('<repomd', '<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<repomd'),
      'a DOCTYPE with an internal subset is refused',
    ),
    noRepomd(
      'an external entity',
      (text) => text.replace('<repomd', '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<repomd'),
      'a DOCTYPE with an internal subset is refused',
    ),
    noRepomd(
      'bytes that are not UTF-8',
      (text) => Buffer.from(text.replace('<revision>', '<revision>\u00e9'), 'latin1'),
      'not UTF-8',
    ),
    noRepomd('UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'not UTF-8'),
    noRepomd(
      'elements nested 100,000 deep',
      (text) => text.replace('</repomd>', `${'<a>'.repeat(1e5)}${'</a>'.repeat(1e5)}</repomd>`),
      'Maximum nested tags exceeded',
    ),
    noRepomd(
      'a control character',
      (text) => text.replace('<revision>', '<revision>\u0001'),
      'the character "\\u0001", which XML forbids',
    ),
    noRepomd(
      'a megabyte of open tags',
      (text) => text.replace('</repomd>', '<a '.repeat(3e5)),
      "not well-formed at 28:4: boolean attribute '<a' is not allowed.",
    ),
    broken(
      '17 MiB of it',
      (text) => text.replace('<revision>', `<revision>${' '.repeat(17 * 2 ** 20)}`),
      `E_LIMIT REPO: ${fetching}: more than 16777216 bytes were sent`,
    ),
  ],
  'M10: a repomd.xml that lacks something': [
    broken(
      'no primary',
      (text) => text.replace(primary, ''),
      'E_REPOMD REPO: Cannot sync from URL: repomd.xml names no primary',
    ),
    broken('no record at all', () => '<repomd/>', 'E_REPOMD REPO: Cannot sync from URL: repomd.xml names no primary'),
    wrong(
      'two of primary',
      (text) => text.replace(primary, (record) => record + record),
      'repomd.xml has two records of type primary',
    ),
    wrong('a record without a type', inPrimary(' type="primary"', ''), 'repomd.xml has a record without a type'),
    wrong(
      'a record without a location',
      inPrimary(/<location.*\n/, ''),
      'record primary of repomd.xml has no location',
    ),
    wrong('an empty location', inPrimary(/href="[^"]*"/, 'href=""'), 'record primary of repomd.xml has no location'),
    wrong('no checksum', inPrimary(/<checksum.*\n/, ''), 'record primary of repomd.xml has no checksum'),
    wrong('an empty checksum', inPrimary(/(<checksum[^>]*>)\w+/, '$1'), 'record primary of repomd.xml has no checksum'),
    wrong(
      'an unknown kind of checksum',
      inPrimary('"sha256"', '"crc32"'),
      'record primary of repomd.xml: unknown checksum type "crc32"',
    ),
    wrong(
      'a checksum without a kind',
      inPrimary(' type="sha256"', ''),
      'record primary of repomd.xml: unknown checksum type ""',
    ),
    wrong(
      'a checksum that is too short',
      inPrimary(/(<checksum[^>]*>)\w/, '$1'),
      'record primary of repomd.xml: malformed sha256 checksum "HEX"',
    ),
    wrong(
      'a checksum that is not hex',
      inPrimary(/(<checksum[^>]*>)\w+/, `$1${'g'.repeat(64)}`),
      `record primary of repomd.xml: malformed sha256 checksum "${'g'.repeat(64)}"`,
    ),
    wrong(
      'a size that is no number',
      inPrimary(/<size>\d+/, '<size>many'),
      'record primary of repomd.xml: "many" is no number',
    ),
    broken(
      'a negative size',
      inPrimary(/<size>/, '<size>-'),
      /^E_REPOMD REPO: Cannot fetch URLrepodata\/repomd\.xml: record primary of repomd\.xml: "-\d+" is no number/,
    ),
    broken(
      'a size of 20 digits',
      inPrimary(/<size>/, '<size>99999999999999999999'),
      /^E_REPOMD REPO: Cannot fetch URLrepodata\/repomd\.xml: record primary of repomd\.xml: "HEX" is no number/,
    ),
    wrong(
      'a timestamp that is no number',
      inPrimary(/<timestamp>\d+/, '<timestamp>now'),
      'record primary of repomd.xml: "now" is no number',
    ),
    broken(
      'an open-size that is no number',
      inPrimary(/<open-size>/, '<open-size>0x'),
      /^E_REPOMD REPO: Cannot fetch URLrepodata\/repomd\.xml: record primary of repomd\.xml: "0x\d+" is no number/,
    ),
    wrong(
      'an open-checksum that is too long',
      inPrimary(/(<open-checksum[^>]*>)/, '$10'),
      'record primary of repomd.xml: malformed sha256 checksum "HEX"',
    ),
  ],
  'M10: a repomd.xml that lies': [
    broken(
      'another open-checksum',
      inPrimary(/(<open-checksum[^>]*>)\w{4}/, '$1abcd'),
      'E_CHECKSUM REPO: Cannot sync from URL: Cannot read primary: open-checksum differs: sha256 expected HEX..., found HEX...',
    ),
    broken(
      'an open-size that is too small',
      inPrimary(/<open-size>\d+/, '<open-size>100'),
      'E_LIMIT REPO: Cannot sync from URL: Cannot read primary: it unpacks to more than 100 bytes, its stated or allowed open-size',
    ),
    broken(
      'an open-size that is too large',
      inPrimary(/<open-size>/, '<open-size>9'),
      /^E_SIZE REPO: Cannot sync from URL: Cannot read primary: open-size expected 9\d+, found \d+/,
    ),
    broken(
      'a size that is too small',
      inPrimary(/<size>\d+/, '<size>100'),
      /^E_SIZE REPO: Cannot fetch primary from \S+-primary\.xml\.gz: size expected 100, announced \d+/,
    ),
    broken(
      'a size that is too large',
      inPrimary(/<size>/, '<size>9'),
      /^E_SIZE REPO: Cannot fetch primary from \S+-primary\.xml\.gz: size expected 9\d+, announced \d+/,
    ),
    broken(
      'the checksum of another file',
      inPrimary(/(<checksum[^>]*>)\w{4}/, '$1abcd'),
      'E_CHECKSUM REPO: Cannot fetch primary from URLrepodata/HEX-primary.xml.gz: sha256 expected HEX..., found HEX...',
    ),
    broken(
      "filelists' file as primary",
      (text) => text.replace(/href="[^"]*primary[^"]*"/, /href="[^"]*filelists[^"]*"/.exec(text)?.[0] ?? ''),
      /^E_SIZE REPO: Cannot fetch primary from URLrepodata\/HEX-filelists\.xml\.gz: size expected \d+, announced \d+/,
    ),
    broken(
      "filelists' record as primary's",
      (text) => text.replace(primary, '').replace('"filelists"', '"primary"'),
      'E_XML REPO: Cannot sync from URL: Cannot read primary: expected <metadata>, found <filelists>',
    ),
  ],
})
