import { type FileSpec, ghost, modes, numbers, type RpmSpec, tags, texts } from '../../helpers/rpmfile.ts'
import { named } from './identityTraps.ts'
import type { Trap } from './sideBySide.ts'

const paths = [
  '/etc/a /etc/ /etc /etcetera/a /usr/etc/a /usr/bin/a /bin/a /sbin/a /usr/sbin/a /opt/x/bin/a /usr/share/cabin/a',
  '/usr/lib/sendmail /usr/lib/sendmail.d /usr/lib/sendmail/a /usr/share/locale/bin/LC_MESSAGES /usr/bin /var/bin',
  'bin/a /robin /a//bin//b / /etc/ü',
].flatMap((line) => line.split(' '))

const fileTags = ['dirIndexes', 'baseNames', 'dirNames', 'fileFlags', 'fileModes', 'fileDigests'] as const
const two: FileSpec[] = [{ path: '/usr/bin/a', digest: 'ab'.repeat(32) }, { path: '/usr/share/b' }]

/** The kinds of stat(2), each with permissions. */
const kinds = [0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o120000, 0o140000, 0, 0o170000].map((k) => k + 0o755)

/** What a package holds, as primary and filelists list it. */
export const fileTraps: Record<string, Trap> = {
  'primary lists what lies in /etc, is sendmail or has bin/ in its path': {
    packages: named([
      { files: paths.map((path) => ({ path })) },
      { files: paths.map((path) => ({ path, mode: modes.directory })) },
      { files: paths.map((path) => ({ path })), oldFileNames: true },
    ]),
  },
  'a directory is one whether it is a ghost or not': {
    packages: named([
      { files: kinds.map((mode, i) => ({ path: `/etc/${i}`, mode })) },
      { files: kinds.map((mode, i) => ({ path: `/etc/${i}`, mode, flags: ghost })) },
      { files: Array.from({ length: 32 }, (_, bit) => ({ path: `/etc/${bit}`, flags: 2 ** bit })) },
    ]),
  },
  'the files of a source package have no directory': {
    packages: named([{ source: true, files: [{ path: 'a.spec' }, { path: 'a.tar.gz' }, { path: 'bin/a' }] }]),
  },
  'files are listed only where every tag is there': {
    packages: named(fileTags.map((name): Omit<RpmSpec, 'name'> => ({ files: two, without: [tags[name]] }))),
    accepted: [
      {
        reason: 'createrepo_c lists files without digests no more since it reads the digests',
        matches: /p5\S*: only theirs: <file>|p5\.rpm\/format: only theirs: <file>/,
        versions: /^0\./,
      },
    ],
  },
  'old file names': {
    packages: named([
      { oldFileNames: true, files: two },
      { oldFileNames: true, format: 3, files: [...two, { path: '/usr/share', mode: modes.directory }] },
      // Both forms at once: the new one counts.
      { files: two, entries: [texts(tags.oldFileNames, 'stringArray', ['/old/a', '/old/b'])] },
    ]),
  },
  'more directories than files': {
    packages: named([
      { files: two, entries: [texts(tags.dirNames, 'stringArray', ['/usr/bin/', '/usr/share/', '/unused/'])] },
    ]),
    accepted: [
      {
        reason: 'librpm then gives no file names, and createrepo_c lists nothing',
        matches: /p0\S*: only ours: <file>/,
      },
    ],
  },
  'files that share a directory, a file twice': {
    packages: named([
      { files: two, entries: [numbers(tags.dirIndexes, 'int32', [1, 1])] },
      { files: [...two, ...two] },
      { files: [{ path: '/b/b' }, { path: '/a/a' }, { path: '/b/a' }] },
    ]),
  },
  'the databases list the same files': {
    args: ['--database'],
    packages: named([
      { files: [...paths.map((path) => ({ path })), { path: '/etc/d', mode: modes.directory }] },
      { files: [{ path: '/' }, { path: '/a', mode: modes.directory }, { path: '/a/b', flags: ghost }, { path: 'c' }] },
      { files: [...two, ...two] },
      { source: true, files: [{ path: 'a.spec' }, { path: 'a.tar.gz' }] },
      {},
    ]),
  },
  'digests of files in filelists-ext, by their kind': {
    args: ['--filelists-ext'],
    packages: named([
      ...[1, 2, 3, 5, 8, 9, 10, 11, 12, 14, 99].map((fileDigestAlgorithm) => ({ files: two, fileDigestAlgorithm })),
      { files: two, without: [tags.fileDigestAlgorithm] },
      { format: 3, files: two },
      { format: 6, files: [...two, { path: '/etc/d', mode: modes.directory, digest: 'cd'.repeat(32) }] },
      { files: [{ path: '/etc/odd', digest: 'no digest & <so>' }] },
      { without: [tags.fileDigestAlgorithm] },
    ]),
  },
}
