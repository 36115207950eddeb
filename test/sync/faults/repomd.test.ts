import { describe } from 'vitest'
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
  return broken(what, change, new RegExp(`^E_NOT_REPOMD REPO: ${fetching}: not a repomd\\.xml \\(${reason}\\); it begins "`))
}

/** One that lacks something or says it wrongly. */
function wrong(what: string, change: (text: string) => string, reason: string): BadInput {
  return broken(what, change, `E_REPOMD REPO: ${fetching}: ${reason}`)
}

/** Changes the record of primary only. */
function inPrimary(from: string | RegExp, to: string): (text: string) => string {
  return (text) => text.replace(primary, (record) => record.replace(from, to))
}

describe('a repomd.xml that is no XML of its kind', () => {
  refuses([
    noRepomd('cut in the middle', (text) => text.slice(0, text.length / 2), 'x'),
    noRepomd('cut before its end tag', (text) => text.slice(0, text.lastIndexOf('</repomd>')), 'x'),
    noRepomd('cut within its end tag', (text) => text.slice(0, -4), 'x'),
    noRepomd('two roots', (text) => `${text}<repomd/>`, 'x'),
    noRepomd('another root', (text) => text.replaceAll('repomd', 'metalink'), 'x'),
    noRepomd('text', () => 'Not here.', 'x'),
    noRepomd('JSON', () => '{"error":"not found"}', 'x'),
    noRepomd('gzip', () => Buffer.from('1f8b0800000000000003', 'hex'), 'x'),
    noRepomd('a megabyte of zeros', () => Buffer.alloc(2 ** 20), 'x'),
    noRepomd('crossed tags', (text) => text.replace('</revision>', '</revise>'), 'x'),
    noRepomd('an attribute without quotes', (text) => text.replace('"primary"', 'primary'), 'x'),
    noRepomd('an attribute that occurs twice', (text) => text.replace('type="primary"', 'type="primary" type="other"'), 'x'),
    noRepomd('a bare ampersand', (text) => text.replace('<revision>', '<revision>&'), 'x'),
    noRepomd('an undeclared entity', (text) => text.replace('<revision>', '<revision>&nbsp;'), 'x'),
    noRepomd('an entity declaration', (text) => text.replace('<repomd', '<!DOCTYPE r [<!ENTITY a "aaaa">]>\n<repomd'), 'x'),
    noRepomd('an external entity', (text) => text.replace('<repomd', '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n<repomd'), 'x'),
    noRepomd('bytes that are not UTF-8', (text) => Buffer.from(text.replace('<revision>', '<revision>\u00e9'), 'latin1'), 'not UTF-8'),
    noRepomd('UTF-16', (text) => Buffer.from(`\ufeff${text}`, 'utf16le'), 'x'),
    noRepomd('elements nested 100,000 deep', (text) => text.replace('</repomd>', `${'<a>'.repeat(1e5)}${'</a>'.repeat(1e5)}</repomd>`), 'x'),
    noRepomd('a control character', (text) => text.replace('<revision>', '<revision>\u0001'), 'x'),
    noRepomd('a megabyte of open tags', (text) => text.replace('</repomd>', '<a '.repeat(3e5)), 'x'),
    noRepomd('17 MiB of it', (text) => text.replace('<revision>', `<revision>${' '.repeat(17 * 2 ** 20)}`), 'x'),
  ])
})

describe('a repomd.xml that lacks something', () => {
  refuses([
    wrong('no primary', (text) => text.replace(primary, ''), 'x'),
    wrong('no record at all', () => '<repomd/>', 'x'),
    wrong('two of primary', (text) => text.replace(primary, (record) => record + record), 'repomd.xml has two records of type primary'),
    wrong('a record without a type', inPrimary(' type="primary"', ''), 'x'),
    wrong('a record without a location', inPrimary(/<location.*\n/, ''), 'x'),
    wrong('an empty location', inPrimary(/href="[^"]*"/, 'href=""'), 'x'),
    wrong('no checksum', inPrimary(/<checksum.*\n/, ''), 'x'),
    wrong('an empty checksum', inPrimary(/(<checksum[^>]*>)\w+/, '$1'), 'x'),
    wrong('an unknown kind of checksum', inPrimary('"sha256"', '"crc32"'), 'x'),
    wrong('a checksum without a kind', inPrimary(' type="sha256"', ''), 'x'),
    wrong('a checksum that is too short', inPrimary(/(<checksum[^>]*>)\w/, '$1'), 'x'),
    wrong('a checksum that is not hex', inPrimary(/(<checksum[^>]*>)\w/, '$1g'), 'x'),
    wrong('a size that is no number', inPrimary(/<size>\d+/, '<size>many'), 'x'),
    wrong('a negative size', inPrimary(/<size>/, '<size>-'), 'x'),
    wrong('a size of 20 digits', inPrimary(/<size>/, '<size>99999999999999999999'), 'x'),
    wrong('a timestamp that is no number', inPrimary(/<timestamp>\d+/, '<timestamp>now'), 'x'),
    wrong('an open-size that is no number', inPrimary(/<open-size>/, '<open-size>0x'), 'x'),
    wrong('an open-checksum that is too long', inPrimary(/(<open-checksum[^>]*>)/, '$10'), 'x'),
  ])
})

describe('a repomd.xml that lies', () => {
  refuses([
    broken('another open-checksum', inPrimary(/(<open-checksum[^>]*>)\w{4}/, '$1abcd'), 'x'),
    broken('an open-size that is too small', inPrimary(/<open-size>\d+/, '<open-size>100'), 'x'),
    broken('an open-size that is too large', inPrimary(/<open-size>/, '<open-size>9'), 'x'),
    broken('a size that is too small', inPrimary(/<size>\d+/, '<size>100'), 'x'),
    broken('a size that is too large', inPrimary(/<size>/, '<size>9'), 'x'),
    broken('the checksum of another file', inPrimary(/(<checksum[^>]*>)\w{4}/, '$1abcd'), 'x'),
    broken("filelists' file as primary", (text) => text.replace(/href="[^"]*primary[^"]*"/, `href="${/"([^"]*filelists[^"]*)"/.exec(text)?.[1]}"`), 'x'),
    broken("filelists' record as primary's", (text) => text.replace(primary, '').replace('"filelists"', '"primary"'), 'x'),
  ])
})
