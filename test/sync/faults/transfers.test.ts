import { describe } from 'vitest'
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

/** The same fault in place of several files. */
function each(what: string, fault: Fault, lines: Partial<Record<keyof typeof targets, string>>): BadInput[] {
  return Object.entries(lines).map(([name, line]) => {
    const { path, message } = targets[name as keyof typeof targets]
    const [code, reason] = line.split(': ', 1).concat(line.slice(line.indexOf(': ') + 2))
    return {
      what: `${what}, in place of ${name}`,
      spoil: ({ rule }) => rule(path, fault),
      line: `${code} REPO: ${message}: ${reason}`,
    }
  })
}

const cutOff = 'E_TRUNCATED: connection closed by the upstream (after 2 attempts)'

describe('a body that ends early', () => {
  refuses([
    ...each('cut at 100 bytes', { kind: 'truncate', after: 100 }, {
      'repomd.xml': cutOff,
      primary: cutOff,
      package: cutOff,
    }),
    ...each('cut by a reset', { kind: 'truncate', after: 100, end: 'rst' }, {
      'repomd.xml': 'E_TRUNCATED: connection reset by the upstream (after 2 attempts)',
      filelists: 'E_TRUNCATED: connection reset by the upstream (after 2 attempts)',
      package: 'E_TRUNCATED: connection reset by the upstream (after 2 attempts)',
    }),
    ...each('chunks without the last', { kind: 'chunked', cutAfter: 100 }, {
      'repomd.xml': cutOff,
      primary: cutOff,
      package: cutOff,
    }),
    ...each('no length and a cut', { kind: 'noLength', cutAfter: 100 }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'E_TRUNCATED: size expected 700, the body ended after 100 (after 2 attempts)',
    }),
    ...each('an empty body', { kind: 'replace', body: '' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
  ])
})

describe('a body that is too long', () => {
  refuses([
    ...each('endless, by chunks', { kind: 'endlessBody', framing: 'chunked' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('endless, without a length', { kind: 'endlessBody' }, {
      'repomd.xml': 'x',
      filelists: 'x',
      package: 'x',
    }),
    ...each('announced as 1 TiB', { kind: 'endlessBody', framing: 'length' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('announced as one byte more', { kind: 'wrongLength', by: 1 }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('announced as one byte less', { kind: 'wrongLength', by: -1 }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('endless headers', { kind: 'endlessHeaders' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
  ])
})

describe('other bytes than the metadata names', () => {
  refuses([
    ...each('one flipped bit', { kind: 'replace', body: (right) => damaged(right) }, {
      primary: 'x',
      filelists: 'x',
      package: 'x',
    }),
    ...each('an HTML page', { kind: 'replace', body: htmlPage, contentType: 'text/html' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('an HTML page of the right size', { kind: 'replace', body: padded, contentType: 'text/html' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('Content-Encoding: gzip', { kind: 'gzip' }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('a 206 that nobody asked for', { kind: 'status', status: 206, body: 'part' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('a 304 that nobody asked for', { kind: 'notModified' }, {
      primary: 'x',
      package: 'x',
    }),
    ...each('a 204', { kind: 'status', status: 204 }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('something that is not HTTP', { kind: 'raw', bytes: 'SSH-2.0-OpenSSH_9.2\r\n' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
  ])
})

describe('a transfer that does not get on', () => {
  refuses([
    ...each('a stall in the body', { kind: 'stall', after: 100 }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('a stall behind the headers', { kind: 'stall' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('20 bytes now and then', { kind: 'drip', bytes: 20, everyMs: 100 }, {
      'repomd.xml': 'x',
      primary: 'x',
      package: 'x',
    }),
    ...each('no answer', { kind: 'silence' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
    ...each('a connection that is reset', { kind: 'reset' }, {
      'repomd.xml': 'x',
      package: 'x',
    }),
  ])
})
