import { damaged, type Fault, htmlPage, padded } from '../../helpers/upstream.ts'
import type { BadInput } from './badInputs.ts'
import { refuses } from './refuses.ts'

const repomd = 'repodata/repomd.xml'
const beta = 'Packages/b/beta-2.0-1.x86_64.rpm'

const targets = {
  'repomd.xml': { path: repomd, message: `Cannot fetch URL${repomd}` },
  primary: { path: /primary/, message: 'Cannot fetch primary from URLrepodata/HEX-primary.xml.gz' },
  filelists: { path: /filelists/, message: 'Cannot fetch filelists from URLrepodata/HEX-filelists.xml.gz' },
  package: { path: beta, message: `Cannot fetch beta-2.0-1.x86_64 from URL${beta}` },
} as const

/** The same fault in place of several files; what each gets for it, with the message about its URL left out. */
function each(what: string, fault: Fault, lines: { [name in keyof typeof targets]?: string | RegExp }): BadInput[] {
  return Object.entries(lines).map(([name, line]) => {
    const { path, message } = targets[name as keyof typeof targets]
    const text = typeof line === 'string' ? line : line.source
    const whole = text.replace(/(E_[A-Z_]+):/, `$1 REPO: ${message}:`)
    const expected = typeof line === 'string' ? whole : new RegExp(whole)
    return { what: `${what}, in place of ${name}`, spoil: ({ rule }) => rule(path, fault), line: expected }
  })
}

const cutOff = 'E_TRUNCATED: connection closed by the upstream (after 2 attempts)'
const reset = 'E_TRUNCATED: connection reset by the upstream (after 2 attempts)'
const otherBytes = 'E_CHECKSUM: sha256 expected HEX..., found HEX...'
const encoded = 'E_ENCODING: sent with Content-Encoding: gzip, which was not asked for'
const noHttp = 'E_HTTP: not HTTP: Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)'
const portal =
  'E_NOT_REPOMD: not a repomd.xml (expected <repomd>, found <html>); it begins "<!DOCTYPE html><html><body><h1>Please log in</h1></body></html> "'
const dripping = /^E_SLOW: only \d{1,2} bytes in 1 s, less than minrate=1000 bytes\/s; cut off \(after 2 attempts\)/

function slow(bytes: number): string {
  return `E_SLOW: only ${bytes} bytes in 1 s, less than minrate=1000 bytes/s; cut off (after 2 attempts)`
}

refuses({
  'U3: a body that ends early': [
    ...each(
      'cut at 100 bytes',
      { kind: 'truncate', after: 100 },
      {
        'repomd.xml': cutOff,
        primary: cutOff,
        package: cutOff,
      },
    ),
    ...each(
      'cut by a reset',
      { kind: 'truncate', after: 100, end: 'rst' },
      {
        'repomd.xml': reset,
        filelists: reset,
        package: reset,
      },
    ),
    ...each(
      'chunks without the last',
      { kind: 'chunked', cutAfter: 100 },
      {
        'repomd.xml': cutOff,
        primary: cutOff,
        package: cutOff,
      },
    ),
    ...each(
      'no length and a cut',
      { kind: 'noLength', cutAfter: 100 },
      {
        'repomd.xml':
          'E_NOT_REPOMD: not a repomd.xml (not well-formed at 2:53: boolean attribute \'xmlns:rpm\' is not allowed.); it begins "<?xml version=\\"1.0\\" encoding=\\"UTF-8\\"?> <repomd xmlns=\\"http://linux.duke.edu/meta"',
        primary: /^E_TRUNCATED: size expected \d+, the body ended after 200 \(after 2 attempts\)/,
        package: 'E_TRUNCATED: size expected 700, the body ended after 200 (after 2 attempts)',
      },
    ),
    ...each(
      'an empty body',
      { kind: 'replace', body: '' },
      {
        'repomd.xml': 'E_NOT_REPOMD: not a repomd.xml (not well-formed at 1:1: Start tag expected.); it begins ""',
        primary: /^E_SIZE: size expected \d+, announced 0/,
        package: 'E_SIZE: size expected 700, announced 0',
      },
    ),
  ],
  'U4 and U5: a body that is too long': [
    ...each(
      'endless, by chunks',
      { kind: 'endlessBody', framing: 'chunked' },
      {
        'repomd.xml': 'E_LIMIT: more than 16777216 bytes were sent',
        primary: /^E_SIZE: size expected \d+, more was sent/,
        package: 'E_SIZE: size expected 700, more was sent',
      },
    ),
    ...each(
      'endless, without a length',
      { kind: 'endlessBody' },
      {
        'repomd.xml': 'E_LIMIT: more than 16777216 bytes were sent',
        filelists: /^E_SIZE: size expected \d+, more was sent/,
        package: 'E_SIZE: size expected 700, more was sent',
      },
    ),
    ...each(
      'announced as 1 TiB',
      { kind: 'endlessBody', framing: 'length' },
      {
        'repomd.xml': 'E_LIMIT: more than 16777216 bytes were sent',
        primary: /^E_SIZE: size expected \d+, announced 1099511627776/,
        package: 'E_SIZE: size expected 700, announced 1099511627776',
      },
    ),
    ...each(
      'announced as one byte more',
      { kind: 'wrongLength', by: 1 },
      {
        'repomd.xml': cutOff,
        package: 'E_SIZE: size expected 700, announced 701',
      },
    ),
    ...each(
      'announced as one byte less',
      { kind: 'wrongLength', by: -1 },
      {
        'repomd.xml': /^E_NOT_REPOMD: not a repomd\.xml \(not well-formed at /,
        package: 'E_SIZE: size expected 700, announced 699',
      },
    ),
    ...each(
      'endless headers',
      { kind: 'endlessHeaders' },
      {
        'repomd.xml': 'E_LIMIT: the answer has more than 16 KiB of headers',
        package: 'E_LIMIT: the answer has more than 16 KiB of headers',
      },
    ),
  ],
  'U6 and U7: other bytes than the metadata names': [
    ...each(
      'one flipped bit',
      { kind: 'replace', body: (right) => damaged(right) },
      {
        primary: otherBytes,
        filelists: otherBytes,
        package: otherBytes,
      },
    ),
    ...each(
      'an HTML page',
      { kind: 'replace', body: htmlPage, contentType: 'text/html' },
      {
        'repomd.xml': portal,
        primary: /^E_SIZE: size expected \d+, announced 64/,
        package: 'E_SIZE: size expected 700, announced 64',
      },
    ),
    ...each(
      'an HTML page of the right size',
      { kind: 'replace', body: padded, contentType: 'text/html' },
      {
        'repomd.xml': portal,
        primary: otherBytes,
        package: otherBytes,
      },
    ),
    ...each(
      'U7: Content-Encoding: gzip',
      { kind: 'gzip' },
      {
        'repomd.xml': encoded,
        primary: encoded,
        package: encoded,
      },
    ),
    ...each(
      'a 206 that nobody asked for',
      { kind: 'status', status: 206, body: 'part' },
      {
        'repomd.xml': 'E_HTTP: HTTP status 206',
        package: 'E_TRUNCATED: HTTP status 206 for a range that does not fit (after 2 attempts)',
      },
    ),
    ...each(
      'a 304 that nobody asked for',
      { kind: 'notModified' },
      {
        primary: 'E_HTTP: HTTP status 304',
        package: 'E_HTTP: HTTP status 304',
      },
    ),
    ...each(
      'a 204',
      { kind: 'status', status: 204 },
      {
        'repomd.xml': 'E_HTTP: HTTP status 204',
        package: 'E_HTTP: HTTP status 204',
      },
    ),
    ...each(
      'something that is not HTTP',
      { kind: 'raw', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' },
      {
        'repomd.xml': noHttp,
        package: noHttp,
      },
    ),
  ],
  'U2: a transfer that does not get on': [
    ...each(
      'a stall in the body',
      { kind: 'stall', after: 100 },
      {
        'repomd.xml': slow(100),
        primary: slow(100),
        package: slow(100),
      },
    ),
    ...each(
      'a stall behind the headers',
      { kind: 'stall' },
      {
        'repomd.xml': slow(0),
        package: slow(0),
      },
    ),
    ...each(
      '2 bytes now and then',
      { kind: 'drip', bytes: 2, everyMs: 100 },
      {
        'repomd.xml': dripping,
        primary: dripping,
        package: dripping,
      },
    ),
    ...each(
      'no answer',
      { kind: 'silence' },
      {
        'repomd.xml': slow(0),
        package: slow(0),
      },
    ),
    ...each(
      'a connection that is reset',
      { kind: 'reset' },
      {
        'repomd.xml': reset,
        package: reset,
      },
    ),
  ],
})
