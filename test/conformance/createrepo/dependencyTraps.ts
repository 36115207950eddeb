import { type Dependency, modes, type RpmSpec, sense } from '../../helpers/rpmfile.ts'
import { named } from './identityTraps.ts'
import type { Trap } from './sideBySide.ts'

const { equal, greater, less } = sense

const plainVersions =
  '1 1-2 3:1 3:1-2 0:1-2 :1-2 3: 3:-2 1- -2 - : 1-2-3 1:2:3 1:2-3:4 1~rc1-2 1^x-2 %{version} ü-1 1-2:3'
const oddEpochs = 'foo:1-2 foo: 1a:2 a1:2 -1:2 +1:2 01:2 0x1:2 1.5:2 4294967296:1 99999999999999999999:1'
const versions = [...plainVersions.split(' '), ...oddEpochs.split(' '), '', ' ', ' 1:2', '1 :2', '1:2-3 ']

const kinds = ['provides', 'requires', 'conflicts', 'obsoletes', 'suggests', 'enhances', 'recommends'] as const
const allKinds = [...kinds, 'supplements', 'oldSuggests', 'oldEnhances'] as const

/** One package of a list of dependencies. */
function requiring(...requires: Dependency[]): Omit<RpmSpec, 'name'> {
  return { requires }
}

const bits = Array.from({ length: 32 }, (_, bit) => 2 ** bit)

/** What a package needs and gives, as primary lists it. */
export const dependencyTraps: Record<string, Trap> = {
  'versions are split at the first colon and hyphen, an epoch that is no number leaves the dependency out': {
    packages: named(
      allKinds.map((kind) => ({ [kind]: versions.map((version, i): Dependency => [`d${i}`, equal, version]) })),
    ),
  },
  'of the flags the five comparisons count, others mean no version': {
    packages: named(
      allKinds.map((kind) => ({
        [kind]: Array.from({ length: 32 }, (_, flags): Dependency => [`d${flags}`, flags, '1:2-3']),
      })),
    ),
  },
  'a comparison without a version, a version without a comparison': {
    packages: named([
      {
        provides: [
          ['a', equal, ''],
          ['b', 0, '1'],
          ['c', less | greater, '1'],
        ],
      },
      requiring(['a', equal, ''], ['b', 0, '1'], ['c', less | greater, '1']),
    ]),
  },
  'a dependency without a name is not listed': {
    packages: named([requiring('', 'a'), requiring(''), { provides: [''] }, { recommends: ['', 'b'] }]),
  },
  'rpmlib is not required': {
    packages: named([
      requiring(['rpmlib(CompressedFileNames)', less | equal | sense.rpmlib, '3.0.4-1'], 'rpmlib', 'rpmlib-x', 'a'),
      requiring(['rpmlib(X)', less | equal | sense.rpmlib, '1']),
      { provides: ['rpmlib(X)'], recommends: ['rpmlib(X)'] },
    ]),
  },
  'a file of its own is not required where primary lists it': {
    packages: named([
      {
        files: [{ path: '/usr/bin/own' }, { path: '/usr/share/own' }, { path: '/etc/dir', mode: modes.directory }],
        requires: ['/usr/bin/own', '/usr/share/own', '/etc/dir', '/usr/bin/other', 'usr/bin/own', '/etc/'],
        recommends: ['/usr/bin/own'],
        conflicts: ['/usr/bin/own'],
      },
      { source: true, files: [{ path: 'own.spec' }, { path: 'bin/x' }], requires: ['own.spec', '/bin/x', 'bin/x'] },
      { oldFileNames: true, files: [{ path: '/usr/bin/own' }], requires: ['/usr/bin/own', '/usr/bin/x'] },
    ]),
  },
  'what it provides is not required': {
    packages: named([
      {
        provides: ['a', ['b', equal, '1-1'], ['c', equal, '0:1'], ['d', greater | equal, '1'], ['bad', equal, 'x:1']],
        requires: [
          'a',
          ['a', equal, '1'],
          ['b', equal, '1-1'],
          ['b', equal, '1'],
          ['c', equal, '1'],
          ['d', equal, '1'],
          ['d', greater | equal | sense.interp, '1'],
          ['bad', equal, 'x:1'],
          ['bE', 0, 'Q1-1'],
          ['a', sense.scriptPre, ''],
        ],
      },
      // Names, flags and versions are compared run together.
      { provides: [['x', equal, '1']], requires: ['xEQ1'] },
      { provides: ['xEQ1'], requires: [['x', equal, '1']] },
    ]),
    accepted: [
      {
        reason: 'createrepo_c takes x = 1 and xEQ1 for the same; they are not',
        matches: /only ours: <rpm:(entry name="bE">|requires><rpm:entry>$)/,
      },
    ],
  },
  'what was required just so is not required again': {
    packages: named([
      requiring('a', 'a'),
      requiring('a', 'b', 'a'),
      requiring('a', ['a', equal, '1'], 'a'),
      requiring('a', ['a', sense.scriptPre, ''], 'a', ['a', sense.scriptPost, '']),
      requiring(['a', equal, '1'], ['a', equal, '1'], ['a', equal, '0:1'], ['a', equal, '1']),
      requiring(['a', sense.interp, ''], ['a', sense.scriptPreUn, ''], ['a', sense.findRequires, '']),
      requiring(['a', 0, '1'], ['a', 0, '2'], ['a', 0, '1']),
      { provides: ['a', 'a'], conflicts: ['a', 'a'], recommends: ['a', 'a'] },
    ]),
  },
  'of libc.so.6 the highest is required, and last': {
    packages: named([
      requiring('libc.so.6()(64bit)', 'a', 'libc.so.6(GLIBC_2.2.5)(64bit)', 'b', 'libc.so.6(GLIBC_2.14)(64bit)'),
      requiring('libc.so.6(GLIBC_2.14)(64bit)', 'libc.so.6(GLIBC_2.4)(64bit)', 'z'),
      requiring('libc.so.6', 'libc.so.6(GLIBC_2.0)'),
      requiring('libc.so.6(GLIBC_2.0)', 'libc.so.6', 'libc.so.6()(64bit)'),
      requiring('libc.so.6(GLIBC_PRIVATE)(64bit)', 'libc.so.6(GLIBC_2.3)(64bit)', 'libc.so.6()(64bit)'),
      requiring('libc.so.6(GLIBC_2.3)(64bit)', 'libc.so.6(GLIBC_PRIVATE)(64bit)'),
      requiring('libc.so.6(GLIBC_2.34', 'libc.so.6(GLIBC_2.4)', 'libc.so.6('),
      requiring('libc.so.6.1()(64bit)', 'libc.so.6.1(GLIBC_2.4)(64bit)', 'libc.so.60'),
      requiring(['libc.so.6', sense.scriptPre, ''], 'libc.so.6'),
      requiring('libc.so.6()(64bit)', 'libc.so.6(GLIBC_2.10)', 'libc.so.6(GLIBC_2.9)(64bit)', 'libc.so.6(GLIBC_2.10)'),
      { recommends: ['libc.so.6()(64bit)', 'a', 'libc.so.6(GLIBC_2.4)'], provides: ['libc.so.6(GLIBC_2.9)', 'a'] },
      requiring(['libc.so.6(GLIBC_2.9)', sense.missingOk, ''], 'libc.so.6(GLIBC_2.4)', 'a'),
    ]),
  },
  'each bit of the flags': {
    packages: named([
      requiring(...bits.map((bit, i): Dependency => [`d${i}`, bit, '1-2'])),
      requiring(...bits.map((bit, i): Dependency => [`d${i}`, (bit | equal) >>> 0, '1-2'])),
      ...bits.map((bit): Omit<RpmSpec, 'name'> => ({ oldSuggests: [['s', bit, '']], oldEnhances: [['e', bit, '1']] })),
    ]),
    accepted: [
      {
        reason: 'createrepo_c counts dependencies of %pretrans and %posttrans as pre since 1.1.1',
        matches: /rpm:entry\[(6|8)\]@pre: ours "1", theirs null$/,
        versions: /^(0\.|1\.0\.|1\.1\.0$)/,
      },
    ],
  },
  'weak dependencies, and SUSE’s old ones': {
    packages: named([
      { suggests: ['a'], enhances: ['b'], recommends: ['c'], supplements: ['d'] },
      { oldSuggests: ['a', ['b', sense.strong, '']], oldEnhances: ['c', ['d', sense.strong, '']] },
      {
        suggests: ['a'],
        enhances: ['b'],
        recommends: ['c'],
        supplements: ['d'],
        oldSuggests: ['e', ['f', sense.strong, '']],
        oldEnhances: ['g', ['h', sense.strong, '']],
        requires: [['i', sense.missingOk | equal, '1'], 'j', ['i', sense.missingOk | equal, '1']],
      },
      requiring(['only', sense.missingOk, '']),
      requiring('a', ['a', sense.missingOk, ''], 'a'),
      requiring(['a', sense.missingOk | sense.scriptPre, '']),
      { suggests: [['a', sense.missingOk | sense.strong, '']] },
    ]),
  },
  'rich dependencies stay as they are': {
    packages: named([
      {
        requires: ['(a if b else c)', '((x >= 1:2-3 and y < 2) or z)', '(a & b)'],
        recommends: ['(l unless "m")'],
        supplements: ['(packageand(a:b))', 'packageand(a:b)', "(it's)"],
        conflicts: ['(a with b)'],
      },
    ]),
  },
}
