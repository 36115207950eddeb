import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RpmSpec } from '../../helpers/rpmfile.ts'
import type { Trap } from './sideBySide.ts'

/** Packages by their paths, each named after its own. */
function at(...paths: string[]): Record<string, RpmSpec> {
  return Object.fromEntries(paths.map((path, i) => [path, { name: `n${i}`, summary: path }]))
}

const some = at('a.rpm', 'b.rpm', 'sub/a.rpm', 'sub/deep/c.rpm', 'ab.rpm', 'sub.rpm/d.rpm')

function excluding(...globs: string[]): Trap {
  return { packages: some, args: globs.flatMap((glob) => ['-x', glob]) }
}

/** A list of packages, in a file beside the packages. */
function listing(...lines: string[]): Trap {
  return {
    packages: some,
    args: ['-i', 'ROOT/list'],
    prepare: ({ root }) => writeFileSync(join(root, 'list'), lines.join('\n')),
  }
}

/** Which files are packages of the repository, in which order, and where they are said to lie. */
export const walkTraps: Record<string, Trap> = {
  'an empty directory': { packages: {} },
  'an empty directory, with databases': { packages: {}, args: ['--database'] },
  'the order is that of the basenames’ bytes, then of the directories': {
    packages: at(
      ...'B.rpm a.rpm a-1.rpm a1.rpm A.rpm _.rpm ü.rpm z.rpm ~.rpm é.rpm ｡.rpm 😀.rpm'.split(' '),
      ...'x/a.rpm y/a.rpm x/y/a.rpm X/a.rpm x-/a.rpm x/B.rpm x.y/a.rpm'.split(' '),
      'x y/a.rpm',
    ),
    args: ['--workers=3', '--database'],
  },
  'links to packages and to directories are followed': {
    packages: at('real/a.rpm', 'real/b.rpm'),
    prepare: ({ packages, root }) => {
      symlinkSync('real/a.rpm', join(packages, 'link.rpm'))
      symlinkSync('real', join(packages, 'linked'))
      mkdirSync(join(root, 'outside'))
      symlinkSync(join(root, 'outside'), join(packages, 'empty'))
    },
  },
  'links to packages are not followed with --skip-symlinks': {
    packages: at('real/a.rpm', 'real/b.rpm'),
    args: ['--skip-symlinks'],
    prepare: ({ packages }) => {
      symlinkSync('real/a.rpm', join(packages, 'link.rpm'))
      symlinkSync('real', join(packages, 'linked'))
    },
  },
  'a directory is no package, whatever its name': { packages: at('a.rpm', 'b.rpm/c.rpm') },
  'only what ends in .rpm is a package': {
    packages: at('a.rpm', 'A.RPM', 'b.rpm.bak', '.rpm', '.hidden.rpm', '.hidden/a.rpm', 'c.drpm', 'rpm', 'd.src.rpm'),
  },
  'no package is taken from where metadata lies': {
    packages: at('a.rpm', 'repodata/b.rpm', '.repodata.old/c.rpm', 'sub/repodata/d.rpm'),
  },
  'a glob is held against the name': excluding('a*.rpm'),
  'a glob is held against the path': excluding('sub/*'),
  'a glob is held against the whole path': excluding('*/packages/sub/*'),
  'a glob of one character': excluding('?.rpm'),
  'a name is a glob, too': excluding('a.rpm'),
  'a glob without a suffix': excluding('a', 'sub'),
  'several globs': excluding('a.rpm', 'c*', '*deep*'),
  'a glob of everything': excluding('*'),
  'brackets are no glob': excluding('[ab].rpm'),
  'a list of packages': listing('sub/a.rpm', 'b.rpm', ''),
  'a list that names a package twice': {
    ...listing('b.rpm', 'b.rpm'),
    accepted: [
      {
        reason: 'createrepo_c lists a package as often as it is named',
        matches: /@packages: ours "1", theirs "2"$|: only theirs: (b\.rpm|n1-)/,
      },
    ],
  },
  'a list with ./ in front': listing('./b.rpm', './sub/a.rpm'),
  'packages named one by one': { packages: some, args: ['-n', 'b.rpm', '-n', 'sub/a.rpm'] },
  'a list and globs': { ...listing('sub/a.rpm', 'b.rpm'), args: ['-i', 'ROOT/list', '-x', 'b*'] },
  'a base': { packages: some, args: ['--baseurl', 'http://example.org/x y/?a&b'] },
  'a base that is a path': { packages: some, args: ['--baseurl', '/srv/repo'] },
  'a prefix': { packages: some, args: ['--location-prefix', 'pre/fix'] },
  'a prefix with a slash': { packages: some, args: ['--location-prefix', 'prefix/'] },
  'a prefix that is a path': { packages: some, args: ['--location-prefix', '/prefix'] },
  'a prefix that is a URL': { packages: some, args: ['--location-prefix', 'http://example.org/x'] },
  'directories that are cut': { packages: some, args: ['--cut-dirs', '1'] },
  'more directories than there are': { packages: some, args: ['--cut-dirs', '9'] },
  'all of them at once': {
    packages: some,
    args: ['--cut-dirs', '1', '--location-prefix', 'p', '--baseurl', 'http://h/', '--database'],
  },
  'places with characters that a URL would escape': {
    packages: at('a b.rpm', 'a%20b.rpm', 'a#b.rpm', 'a?b.rpm', 'a&b.rpm', "a'b.rpm", 'a"b.rpm', 'ü/ö.rpm', 'a+b~^.rpm'),
  },
  'the same package in two places': {
    packages: { 'x/a.rpm': { name: 'a' }, 'y/a.rpm': { name: 'a' }, 'y/b.rpm': { name: 'a' } },
    args: ['--database'],
  },
  'packages of one name, version and arch that are not the same': {
    packages: { 'x/a.rpm': { name: 'a', summary: 'one' }, 'y/a.rpm': { name: 'a', summary: 'other' } },
  },
}
