import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { judge } from './judges.ts'
import { ghost, layOutRpm, modes, type RpmSpec, sense, signatureTags, tags, texts, writeRpm } from './rpmfile.ts'
import { makeTemporaryFolder } from './temporary.ts'

const full: RpmSpec = {
  name: 'full',
  version: '2.0~rc1',
  release: '3.el9',
  epoch: 4,
  arch: 'noarch',
  summary: 'Ein Überblick',
  vendor: 'A vendor',
  url: 'https://example.org/',
  packager: 'Somebody <some@body.example>',
  size: 1234,
  archiveSize: 5678,
  provides: [['full', sense.equal, '4:2.0~rc1-3.el9']],
  requires: ['bash', ['libfoo', sense.greater | sense.equal, '1:2']],
  recommends: ['(a if b)'],
  files: [
    { path: '/usr/bin/full', digest: 'ab'.repeat(32), size: 10 },
    { path: '/usr/share/full', mode: modes.directory },
    { path: '/var/log/full.log', flags: ghost },
  ],
  changelog: [
    [1_600_000_000, 'A <a@b> 2-1', '- newer'],
    [1_500_000_000, 'A <a@b> 1-1', '- older'],
  ],
}
const query = [
  '%{NAME}|%{EPOCH}|%{VERSION}|%{RELEASE}|%{ARCH}|%{SUMMARY}|%{VENDOR}|%{LONGSIZE}|%{LONGARCHIVESIZE}',
  '|[%{REQUIRES} %{REQUIREVERSION};]|[%{RECOMMENDS}]|[%{FILENAMES} %{FILEFLAGS:fflags};]|[%{CHANGELOGTEXT};]\n',
].join('')

describe.skipIf(!judge('rpm'))('rpm reads what the builder writes', () => {
  test.each([
    { format: 3, archiveSize: /^5678$/ },
    { format: 4, archiveSize: /^5678$/ },
    // Format 6 has no such tag; rpm 6 takes PAYLOADSIZEALT for it, earlier ones have none.
    { format: 6, archiveSize: /^(5678|\(none\))$/ },
  ] as const)('in format $format', async ({ format, archiveSize }) => {
    const { stdout, stderr, status } = await ask({ ...full, format })
    expect(stderr.replace(/^warning: RPM v3 packages are deprecated.*\n/, '')).toBe('')
    expect(status).toBe(0)
    expect(stdout.trim().split('|')).toEqual([
      'full',
      '4',
      '2.0~rc1',
      '3.el9',
      'noarch',
      'Ein Überblick',
      'A vendor',
      '1234',
      expect.stringMatching(archiveSize),
      'bash ;libfoo 1:2;',
      '(a if b)',
      '/usr/bin/full ;/usr/share/full ;/var/log/full.log g;',
      '- newer;- older;',
    ])
  })

  test('of sizes beyond 32 bits', async () => {
    const { stdout } = await ask({ name: 'big', size: 2 ** 33, archiveSize: 2 ** 34 })
    expect(stdout).toContain(`|${2 ** 33}|${2 ** 34}|`)
  })

  test('as a source package', async () => {
    const { stdout } = await ask({ name: 'source', source: true }, '%{SOURCEPACKAGE} %{SOURCERPM}')
    expect(stdout).toBe('1 (none)')
  })

  test('and refuses what is broken on purpose', async () => {
    const broken: [string, RpmSpec][] = [
      ['digest', { name: 'x', faults: { flip: [200] } }],
      ['magic', { name: 'x', faults: { main: { magic: Buffer.from('00000000', 'hex') } } }],
      ['entries', { name: 'x', faults: { main: { entries: 0x7fffffff } } }],
      ['bytes', { name: 'x', faults: { main: { bytes: 0x7fffffff } } }],
      ['offset', { name: 'x', faults: { main: { index: [{ of: tags.version, offset: 0x00ffffff }] } } }],
      ['trailer', { name: 'x', faults: { main: { trailer: { tag: 61 } } } }],
      [
        'sha256',
        { name: 'x', faults: { signatureEntries: [texts(signatureTags.sha256, 'string', ['0'.repeat(64)])] } },
      ],
      ['lead', { name: 'x', faults: { lead: (lead) => lead.writeUInt16BE(1, 78) } }],
    ]
    for (const [what, spec] of broken) expect((await ask(spec)).status, what).not.toBe(0)
  })
})

test('the parts of a file are where they are said to be', () => {
  const { bytes, parts } = layOutRpm(full)
  expect(
    bytes
      .subarray(...parts.signature)
      .subarray(0, 4)
      .toString('hex'),
  ).toBe('8eade801')
  expect(
    bytes
      .subarray(...parts.main)
      .subarray(0, 4)
      .toString('hex'),
  ).toBe('8eade801')
  expect(
    bytes
      .subarray(...parts.payload)
      .subarray(0, 2)
      .toString('hex'),
  ).toBe('1f8b')
  expect(parts.main[0] % 8).toBe(0)
  expect(parts.payload[1]).toBe(bytes.length)
})

async function ask(spec: RpmSpec, format = query) {
  await using folder = await makeTemporaryFolder()
  const file = await writeRpm(folder.path, 'x.rpm', spec)
  return spawnSync('rpm', ['-qp', '--nosignature', '--qf', format, file], { encoding: 'utf8' })
}
