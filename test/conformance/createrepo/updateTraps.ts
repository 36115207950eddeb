import { spawnSync } from 'node:child_process'
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Accepted } from '../../helpers/compareMetadata.ts'
import { makeRpm, type RpmSpec, writeRpm } from '../../helpers/rpmfile.ts'
import type { SideBySide } from './sideBySide.ts'

/** Metadata, what then happens to the packages, and an update. */
export interface UpdateTrap {
  packages?: Record<string, RpmSpec>
  /** Of the first run. */
  before?: string[]
  change?: (folders: SideBySide) => unknown
  /** Of the update, besides `--update`. */
  args?: string[]
  accepted?: Accepted[]
  /** What createrepo_c reads although it need not; we read nothing then. */
  readsAgain?: string[]
}

const text = 'Grüße & <b> "q" \u00a0 ]]> 😀'
const some: Record<string, RpmSpec> = {
  'a.rpm': { name: 'a', summary: text, files: [{ path: `/etc/${text}` }], changelog: [[1, text, text]] },
  'b.rpm': { name: 'b', summary: 'b1', changelog: [9, 8, 7, 6, 5].map((date) => [date, 'A', `entry ${date}`]) },
  'sub/c.rpm': { name: 'c', vendor: '\ttab\nline ', requires: [['x', 8, 'ü:1']], provides: ['<p>&"'] },
  'latin.rpm': { name: 'latin', packager: Buffer.from('Grüße', 'latin1'), conflicts: [Buffer.from('ü', 'latin1')] },
}

/** Writes other content over a package; `likeBefore` keeps size and mtime. */
function replace(folders: SideBySide, path: string, spec: RpmSpec, likeBefore: boolean): void {
  const file = join(folders.packages, path)
  const { size, mtime } = statSync(file)
  const bytes = makeRpm(spec)
  if (likeBefore && bytes.length !== size) throw new Error(`${bytes.length} bytes in place of ${size}`)
  writeFileSync(file, bytes)
  if (likeBefore) utimesSync(file, mtime, mtime)
}

const b2: RpmSpec = { ...some['b.rpm']!, summary: 'b2' }

/** What is used again of the metadata that is there, and what is not. */
export const updateTraps: Record<string, UpdateTrap> = {
  'nothing happened': {},
  'a package came': { change: ({ packages }) => writeRpm(packages, 'aa.rpm', { name: 'aa' }) },
  'a package went': { change: ({ packages }) => rmSync(join(packages, 'b.rpm')) },
  'all packages went': { change: ({ packages }) => Object.keys(some).map((path) => rmSync(join(packages, path))) },
  'a package is another now': { change: (folders) => replace(folders, 'b.rpm', { ...b2, summary: 'longer' }, false) },
  'one of the same size and second is not looked into': { change: (folders) => replace(folders, 'b.rpm', b2, true) },
  'one of the same size and another second is': {
    change: (folders) => {
      replace(folders, 'b.rpm', b2, true)
      utimesSync(join(folders.packages, 'b.rpm'), 1_650_000_001, 1_650_000_001)
    },
  },
  'parts of a second do not count': {
    change: (folders) => {
      replace(folders, 'b.rpm', b2, true)
      utimesSync(join(folders.packages, 'b.rpm'), 1_650_000_000.9, 1_650_000_000.9)
    },
  },
  'with --skip-stat none is looked into': {
    change: (folders) => replace(folders, 'b.rpm', { ...b2, summary: 'longer' }, false),
    args: ['--skip-stat'],
  },
  'a package moved': { change: ({ packages }) => renameSync(join(packages, 'b.rpm'), join(packages, 'sub/b.rpm')) },
  'a package moved over another': {
    change: ({ packages }) => renameSync(join(packages, 'b.rpm'), join(packages, 'sub/c.rpm')),
  },
  'another kind of checksum': { args: ['--checksum', 'sha512'] },
  'changelogs that are there already are not cut': { args: ['--changelog-limit=1'] },
  'changelogs that are not there are not fetched': { before: ['--changelog-limit=1'] },
  'a base is kept': {
    before: ['--baseurl', 'http://old/'],
    accepted: [
      {
        reason: 'createrepo_c forgot the base of what it used again, before 1.0',
        matches: /location@xml:base: ours "http:\/\/old\/", theirs null$/,
        versions: /^0\./,
      },
    ],
  },
  'a base is replaced': { before: ['--baseurl', 'http://old/'], args: ['--baseurl', 'http://new/'] },
  'a prefix comes': { args: ['--location-prefix', 'p'] },
  'a prefix stays': { before: ['--location-prefix', 'p'], args: ['--location-prefix', 'p'] },
  'a prefix goes': { before: ['--location-prefix', 'p'] },
  'directories are cut': { before: ['--cut-dirs', '1'], args: ['--cut-dirs', '1'] },
  'databases come': { args: ['--database'] },
  'databases go': { before: ['--database'] },
  'databases stay': { before: ['--database'], args: ['--database'] },
  'names lose their checksums': { args: ['--simple-md-filenames'] },
  'names get checksums': { before: ['--simple-md-filenames'] },
  'another compression': { before: ['--general-compress-type=xz'], args: ['--general-compress-type=gz'] },
  'the packages are those of before': {
    change: ({ packages }) => writeRpm(packages, 'new.rpm', { name: 'new' }),
    args: ['--recycle-pkglist'],
  },
  'the metadata of another place is used too': {
    change: (folders) => replace(folders, 'b.rpm', b2, true),
    before: ['-x', 'b.rpm'],
    args: ['--update-md-path', 'ROOT/elsewhere'],
  },
  excludes: { args: ['-x', 'b*'] },
  'a list': { args: ['-n', 'sub/c.rpm', '-n', 'a.rpm'] },
  'the same package in two places': {
    packages: { 'x/a.rpm': { name: 'a' }, 'y/a.rpm': { name: 'a' }, 'y/b.rpm': { name: 'a' } },
    readsAgain: ['y/a.rpm', 'y/b.rpm'],
  },
  'tags are not carried over': { before: ['--repo=r', '--revision=5'], args: ['--content=c'] },
  'advisories and unknown documents are carried over': { change: addRecords, args: ['--keep-all-metadata'] },
  'groups are carried over': {
    before: ['--groupfile', 'ROOT/comps.xml'],
    args: ['--keep-all-metadata'],
    accepted: [
      {
        reason: 'createrepo_c writes one record of groups, compressed, since 1.0',
        matches: /^repomd: (only theirs: group_gz$|group: only (ours: <(open-|location)|theirs: <location))/,
        versions: /^0\./,
      },
    ],
  },
}

/** Two records such as other programs add; the document of the second is not XML and not compressed. */
function addRecords({ root, ours, theirs }: SideBySide): void {
  writeFileSync(join(root, 'updateinfo.xml'), '<?xml version="1.0"?>\n<updates><update/></updates>\n')
  writeFileSync(join(root, 'productid'), 'any & bytes \u0000')
  for (const folder of [ours, theirs]) {
    const repodata = join(folder, 'repodata')
    for (const args of [
      ['--compress-type=gz', 'updateinfo.xml'],
      ['--no-compress', 'productid'],
    ])
      if (spawnSync('modifyrepo_c', [...args, repodata], { cwd: root }).status !== 0)
        throw new Error('modifyrepo_c failed')
  }
}

/** The packages of a trap, by their paths. */
export function packagesOf({ packages = some }: UpdateTrap): Record<string, RpmSpec> {
  return packages
}
