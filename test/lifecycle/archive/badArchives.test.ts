import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { type Entry, manifestOf, readEntries, type Stated, withManifest, withText, writeEntries } from './entries.ts'
import { type Pair, startPair } from './pair.ts'

/** What is wrong with an archive, how it comes to be so, and what is said of it between `Cannot import FILE:` and the end. */
type Bad = [what: string, make: (whole: Buffer) => Buffer, code: string, says: RegExp]

const edited = (change: (entries: Entry[]) => Entry[]) => (whole: Buffer) => writeEntries(change(readEntries(whole)))
const meant = (change: (manifest: Stated) => void) => edited((entries) => withManifest(entries, change))
const repo = (manifest: Stated) => manifest.repos[0] as Stated['repos'][number]
const first = (manifest: Stated) => repo(manifest).members[0] as Stated['repos'][number]['members'][number]
/** In place of the first content. */
const instead = (entry: Partial<Entry>) =>
  edited(([manifest, digest, content, ...rest]) => [manifest!, digest!, { ...content!, ...entry }, ...rest])
const empty = { data: Buffer.alloc(0) }
const flipped = (at: (whole: Buffer) => number) => (whole: Buffer) => {
  const bytes = Buffer.from(whole)
  bytes[at(whole)]! ^= 1
  return bytes
}

const cut: Bad[] = [
  ['nothing', () => Buffer.alloc(0), 'E_ARCHIVE', /it is no archive of mirror export: .* ends within its headers/],
  ['half a header', (whole) => whole.subarray(0, 300), 'E_ARCHIVE', /it is no archive of mirror export/],
  ['half a manifest', (whole) => whole.subarray(0, 1000), 'E_TRUNCATED', /ends within manifest\.json; copy it again/],
  [
    'half its contents',
    (whole) => whole.subarray(0, whole.length / 2),
    'E_TRUNCATED',
    /size expected \d+, found \d+; copy it again/,
  ],
  [
    'all but the last byte',
    (whole) => whole.subarray(0, -1),
    'E_TRUNCATED',
    /size expected \d+, found \d+; copy it again/,
  ],
  ['more at its end', (whole) => Buffer.concat([whole, Buffer.alloc(512)]), 'E_SIZE', /size expected \d+, found \d+/],
  [
    'something behind its end',
    (whole) => Buffer.concat([whole.subarray(0, -512), Buffer.alloc(512, 'x')]),
    'E_ARCHIVE',
    /no tar header where one must be/,
  ],
]

const altered: Bad[] = [
  [
    'a bit of the manifest',
    flipped(() => 700),
    'E_CHECKSUM',
    /manifest\.json was altered: manifest\.json\.sha256 is of another one/,
  ],
  [
    'a bit of a package',
    flipped((whole) => whole.indexOf('contents/') + 600),
    'E_CHECKSUM',
    /contents\/[0-9a-f]{64}: sha256 expected [0-9a-f]{16}\.\.\., found [0-9a-f]{16}\.\.\./,
  ],
  ['a bit of a header', flipped((whole) => whole.indexOf('contents/') + 100), 'E_ARCHIVE', /a damaged tar header/],
  [
    'other bytes under a name',
    instead({ data: Buffer.alloc(700) }),
    'E_CHECKSUM',
    /contents\/[0-9a-f]{64}: sha256 expected/,
  ],
  [
    'a size that is not the stated one',
    meant((m) => {
      m.contents[0]!.size++
      first(m).size++
    }),
    'E_SIZE',
    /contents\/[0-9a-f]{64}: size expected 701, found 700/,
  ],
]

const foreign: Bad[] = [
  [
    'text',
    () => Buffer.from('not an archive\n'.repeat(100)),
    'E_ARCHIVE',
    /it is no archive of mirror export: no tar header where one must be/,
  ],
  ['a compressed archive', (whole) => gzipSync(whole), 'E_ARCHIVE', /it is no archive of mirror export/],
  ['zeros', () => Buffer.alloc(10240), 'E_ARCHIVE', /manifest\.json expected, found its end/],
  [
    'a tar of something else',
    () => writeEntries([{ name: 'etc/passwd', data: Buffer.from('x') }]),
    'E_ARCHIVE',
    /manifest\.json expected, found "etc\/passwd"/,
  ],
  [
    'one without the digest of its manifest',
    edited(([manifest, , ...rest]) => [manifest!, ...rest]),
    'E_ARCHIVE',
    /manifest\.json\.sha256 expected, found "contents\//,
  ],
]

const names: Bad[] = [
  [
    'leads out of it',
    instead({ name: '../../etc/passwd' }),
    'E_ARCHIVE',
    /contents\/[0-9a-f]{64} expected, found "\.\.\/\.\.\/etc\/passwd"/,
  ],
  ['is absolute', instead({ name: '/etc/passwd' }), 'E_ARCHIVE', /expected, found "\/etc\/passwd"/],
  [
    'is a symbolic link',
    instead({ ...empty, type: '2', link: '/etc/passwd' }),
    'E_ARCHIVE',
    /"contents\/[0-9a-f]{64}" is a symbolic link; an archive holds files only/,
  ],
  [
    'is a hard link',
    instead({ ...empty, type: '1', link: '/etc/passwd' }),
    'E_ARCHIVE',
    /is a hard link; an archive holds files only/,
  ],
  ['is a folder', instead({ ...empty, type: '5' }), 'E_ARCHIVE', /is a folder; an archive holds files only/],
  ['is a device', instead({ ...empty, type: '3' }), 'E_ARCHIVE', /is a device; an archive holds files only/],
  ['is a pipe', instead({ ...empty, type: '6' }), 'E_ARCHIVE', /is a named pipe; an archive holds files only/],
  [
    'is a long name of GNU tar',
    instead({ type: 'L' }),
    'E_ARCHIVE',
    /is GNU tar's long name; an archive holds files only/,
  ],
  [
    'is a global pax header',
    instead({ type: 'g' }),
    'E_ARCHIVE',
    /is a global pax header; an archive holds files only/,
  ],
  [
    'has a pax header with a path',
    instead({ type: 'x', data: Buffer.from('20 path=/etc/passwd\n') }),
    'E_ARCHIVE',
    /a pax header that says more than a size: "20 path=\/etc\/passwd\\n"/,
  ],
  [
    'has an endless pax header',
    instead({ type: 'x', data: Buffer.alloc(2048, 'x') }),
    'E_LIMIT',
    /a pax header that is longer than a size needs/,
  ],
  [
    'claims to be huge',
    instead({ size: 0o77777777777 }),
    'E_SIZE',
    /contents\/[0-9a-f]{64}: size expected 700, found 8589934591/,
  ],
  [
    'comes twice',
    edited(([m, d, content, , ...rest]) => [m!, d!, content!, content!, ...rest]),
    'E_ARCHIVE',
    /contents\/[0-9a-f]{64} expected, found "contents\/[0-9a-f]{64}"/,
  ],
  [
    'has the place of another',
    edited(([m, d, a, b, ...rest]) => [m!, d!, b!, a!, ...rest]),
    'E_ARCHIVE',
    /contents\/[0-9a-f]{64} expected, found "contents\/[0-9a-f]{64}"/,
  ],
  [
    'is the manifest again',
    edited((all) => [...all.slice(0, 3), all[0]!, ...all.slice(4)]),
    'E_(ARCHIVE|TRUNCATED|SIZE)',
    /contents\/[0-9a-f]{64} expected, found "manifest\.json"|size expected/,
  ],
]

const manifests: Bad[] = [
  [
    'with a file in the place of repodata/',
    meant((m) => {
      first(m).path = 'repodata'
    }),
    'E_ARCHIVE',
    /"repodata" in ".*" is a file and a folder/,
  ],
  [
    'no JSON',
    edited((all) => withText(all, '{"format": "mirror arch')),
    'E_ARCHIVE',
    /its manifest cannot be used: it is no JSON/,
  ],
  ['no object', edited((all) => withText(all, 'null')), 'E_ARCHIVE', /it is none of an archive of mirror/],
  [
    'of a later version',
    meant((m) => {
      m.version = 2
    }),
    'E_ARCHIVE',
    /its format is "2", this program reads 1/,
  ],
  [
    'of something else',
    meant((m) => {
      m.format = 'x'
    }),
    'E_ARCHIVE',
    /it is none of an archive of mirror/,
  ],
  [
    'with more than it has',
    meant((m) => {
      m.more = 1
    }),
    'E_ARCHIVE',
    /is not what an export writes there/,
  ],
  [
    'without its contents',
    meant((m) => {
      Reflect.deleteProperty(m, 'contents')
    }),
    'E_ARCHIVE',
    /contents: nothing is not what an export writes there/,
  ],
  [
    'with a path that leads out',
    meant((m) => {
      first(m).path = '../../x.rpm'
    }),
    'E_ARCHIVE',
    /repos\.0\.members\.0\.path: "\.\.\/\.\.\/x\.rpm" leads out of the repository/,
  ],
  [
    'with an absolute path',
    meant((m) => {
      first(m).path = '/etc/x.rpm'
    }),
    'E_ARCHIVE',
    /"\/etc\/x\.rpm" leads out of the repository/,
  ],
  [
    'with a path without a name',
    meant((m) => {
      first(m).path = 'Packages//x.rpm'
    }),
    'E_ARCHIVE',
    /"Packages\/\/x\.rpm" names no file/,
  ],
  [
    'with a hidden path',
    meant((m) => {
      first(m).path = 'Packages/.x.rpm'
    }),
    'E_ARCHIVE',
    /has a part that begins with a dot/,
  ],
  [
    'with a line break in a path',
    meant((m) => {
      first(m).path = 'Packages/a\nb.rpm'
    }),
    'E_ARCHIVE',
    /holds a control character or a backslash/,
  ],
  [
    'with a path that is the pointer',
    meant((m) => {
      first(m).path = 'repodata/repomd.xml'
    }),
    'E_ARCHIVE',
    /"repodata\/repomd\.xml" is no file of its own/,
  ],
  [
    'with a path that is too long',
    meant((m) => {
      first(m).path = `${'x/'.repeat(600)}x`
    }),
    'E_ARCHIVE',
    /is longer than 1000 bytes/,
  ],
  [
    'with one path twice',
    meant((m) => {
      repo(m).members[1]!.path = first(m).path
    }),
    'E_ARCHIVE',
    /it has two files "Packages\/.*" in "el9\/base"/,
  ],
  [
    'with a file that is a folder',
    meant((m) => {
      repo(m).members[1]!.path = `${first(m).path}/x.rpm`
    }),
    'E_ARCHIVE',
    /"Packages\/.*" in "el9\/base" is a file and a folder/,
  ],
  [
    'with a repository that leads out',
    meant((m) => {
      repo(m).path = '../../etc'
    }),
    'E_ARCHIVE',
    /repos\.0\.path: "\.\.\/\.\.\/etc" leads out of the repository/,
  ],
  [
    'with one repository twice',
    meant((m) => {
      m.repos.push(repo(m))
    }),
    'E_ARCHIVE',
    /it has two repositories at "el9\/base"/,
  ],
  [
    'with a digest that is none',
    meant((m) => {
      first(m).sha256 = 'x'
    }),
    'E_ARCHIVE',
    /repos\.0\.members\.0\.sha256: "x" is not what an export writes there/,
  ],
  [
    'with two sizes of one content',
    meant((m) => {
      first(m).size = 5
    }),
    'E_ARCHIVE',
    /it states two sizes of [0-9a-f]{16}\.\.\.: (5 and 700|700 and 5)/,
  ],
  [
    'with a content that nothing names',
    meant((m) => {
      m.contents[0]!.sha256 = 'f'.repeat(64)
    }),
    'E_ARCHIVE',
    /no repository has its content f{16}\.\.\./,
  ],
  [
    'with one content twice',
    meant((m) => {
      m.contents.push(m.contents[0]!)
    }),
    'E_ARCHIVE',
    /it has the content [0-9a-f]{16}\.\.\. twice/,
  ],
  [
    'that keeps quiet about a content',
    edited((all) =>
      withManifest([...all.slice(0, 2), ...all.slice(3)], (m) => {
        m.contents.shift()
      }),
    ),
    'E_ARCHIVE',
    /1 of its \d+ files of el9\/base are neither in it nor here; export it again/,
  ],
  [
    'of a repository that nobody takes',
    meant((m) => {
      repo(m).path = 'el9/strange'
    }),
    'E_CONFIG',
    /has no place for el9\/strange; write below repos: base: \{ archive: yes, path: el9\/strange \}/,
  ],
  [
    'of another state',
    meant((m) => {
      m.state = 'another'
    }),
    'E_ARCHIVE',
    /it comes from the state "another", and el9\/base was imported from "[0-9a-f-]{36}" before; to go over to it: --accept-origin/,
  ],
]

const metadata: Bad[] = [
  [
    'names a package that is not there',
    without(/^Packages/),
    'E_MISMATCH',
    /el9\/base: package almanac of primary: there is no file "Packages\/a\/almanac-2-1\.x86_64\.rpm"/,
  ],
  [
    'names a document that is not there',
    without(/filelists/),
    'E_MISMATCH',
    /record filelists of repomd\.xml: there is no file "repodata\/[0-9a-f]{64}-filelists\.xml\.gz"/,
  ],
  [
    'is of other packages',
    meant((m) => {
      const [a, b] = repo(m).members as unknown as [Named, Named]
      ;[a.path, b.path] = [b.path, a.path]
    }),
    'E_CHECKSUM',
    /el9\/base: package almanac of primary: "Packages\/a\/almanac-2-1\.x86_64\.rpm": sha256 expected/,
  ],
  [
    'is none',
    meant((m) => {
      repo(m).generation.repomd = first(m).sha256
      repo(m).generation.repomdSize = 700
    }),
    'E_(ARCHIVE|NOT_REPOMD)',
    /no repository has its content|not a repomd\.xml/,
  ],
]

/** Leaves a file out of manifest and archive alike. */
function without(path: RegExp): Bad[1] {
  return edited((entries) => {
    const { sha256 } = repo(manifestOf(entries)).members.find((member) => path.test(member.path))!
    const rest = entries.filter(({ name }) => name !== `contents/${sha256}`)
    return withManifest(rest, (m) => {
      repo(m).members = repo(m).members.filter((member) => member.sha256 !== sha256)
      m.contents = m.contents.filter((content) => content.sha256 !== sha256)
    })
  })
}

type Named = { path: string }

let pair: Pair
let whole: Buffer
let before: string[]

beforeAll(async () => {
  pair = await startPair()
  await pair.sync([{ name: 'almanac', version: '1' }])
  await pair.export('old.tar')
  await pair.import('old.tar')
  await pair.sync([
    { name: 'almanac', version: '2' },
    { name: 'foghorn', version: '2' },
  ])
  await pair.export('new.tar')
  whole = readFileSync(pair.file('new.tar'))
  before = pair.shown()
})

afterAll(async () => {
  // The archive itself is a good one, after all that.
  expect(await pair.import('new.tar')).toEqual(['base published 2'])
  expect((await checkTree(join(pair.far.root, 'el9/base'))).problems).toEqual([])
  await pair[Symbol.asyncDispose]()
})

describe.for([
  ['with', cut],
  ['with other bytes:', altered],
  ['that is', foreign],
  ['with an entry that', names],
  ['whose manifest is one', manifests],
  ['whose metadata', metadata],
] as const)('an archive %s', ([, table]) => {
  test.for(table)('%s is refused in one line, and changes nothing', async ([, make, code, says]) => {
    writeFileSync(pair.file('bad.tar'), make(whole))
    for (const dryRun of [true, false]) {
      const lines = await pair.import('bad.tar', { dryRun })
      const start = `^${code}: Cannot import ${pair.file('bad.tar')}: `
      expect(lines).toEqual([expect.stringMatching(new RegExp(`${start}.*(${says.source}).*; nothing was published$`))])
    }
    expect(pair.shown()).toEqual(before)
    expect(readdirSync(join(pair.far.state, 'tmp'))).toEqual(['left'])
  })
})
