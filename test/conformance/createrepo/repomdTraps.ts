import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trap } from './sideBySide.ts'

const packages = { 'a.rpm': { name: 'a', files: [{ path: '/etc/a' }] }, 'b.rpm': { name: 'b' } }

function withArgs(...args: string[]): Trap {
  return { packages, args }
}

const comps = '<?xml version="1.0" encoding="UTF-8"?>\n<comps>\n  <group><id>g</id></group>\n</comps>\n'

/** repomd.xml, and what the files are called. */
export const repomdTraps: Record<string, Trap> = {
  ...Object.fromEntries(
    ['md5', 'sha', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((type) => [
      `checksums are ${type}`,
      withArgs('--checksum', type, '--database'),
    ]),
  ),
  'checksums of repomd.xml are of another kind': withArgs('--repomd-checksum', 'sha512'),
  'both kinds of checksum': withArgs('--checksum', 'sha1', '--repomd-checksum', 'sha384'),
  ...Object.fromEntries(
    ['gz', 'bz2', 'xz', 'zstd'].map((type) => [
      `everything is ${type}`,
      withArgs('--general-compress-type', type, '--database'),
    ]),
  ),
  ...Object.fromEntries(
    ['gz', 'bz2', 'xz', 'zstd'].map((type) => [
      `databases are ${type}`,
      withArgs('--general-compress-type', 'gz', '--compress-type', type, '--database'),
    ]),
  ),
  'xz in one word': withArgs('--general-compress-type=gz', '--xz', '--database'),
  'names without checksums': withArgs('--simple-md-filenames', '--database'),
  'names with checksums': withArgs('--unique-md-filenames'),
  'a revision': withArgs('--revision', 'any & text'),
  'times are the revision': withArgs('--revision', '1234567890', '--set-timestamp-to-revision', '--database'),
  tags: withArgs(
    '--repo=one',
    '--repo=two & <three>',
    '--content=binary-x86_64',
    '--content="',
    '--distro=cpe:/o:a:b:1,A distribution',
    '--distro=no cpe',
    '--distro=a,b,c',
  ),
  groups: {
    packages,
    args: ['--groupfile', 'ROOT/comps.xml'],
    prepare: ({ root }) => writeFileSync(join(root, 'comps.xml'), comps),
    accepted: [
      {
        reason: 'createrepo_c writes one record of groups, compressed, since 1.0',
        matches: /^repomd: (only theirs: group_gz$|group: only (ours: <(open-|location)|theirs: <location))/,
        versions: /^0\./,
      },
    ],
  },
  'pretty XML': withArgs('--pretty'),
}
