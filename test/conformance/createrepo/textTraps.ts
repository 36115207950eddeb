import type { Dependency, RpmSpec, Text } from '../../helpers/rpmfile.ts'
import { named } from './identityTraps.ts'
import type { Trap } from './sideBySide.ts'

/** The same text wherever a package can have one. */
function everywhere(text: Text): Omit<RpmSpec, 'name'> {
  const bytes = Buffer.from(text as string)
  const path = (folder: string) => Buffer.concat([Buffer.from(folder), bytes])
  const dependencies: Dependency[] = [text, ['versioned', 8, text]]
  return {
    // Versions that are not UTF-8 make createrepo_c write an other.xml that nobody can read.
    ...(Buffer.isBuffer(text) ? {} : { version: text, release: text }),
    summary: text,
    description: text,
    vendor: text,
    license: text,
    packager: text,
    group: text,
    url: text,
    buildHost: text,
    sourceRpm: text,
    provides: dependencies,
    recommends: dependencies,
    files: [{ path: path('/etc/') }, { path: path('/usr/share/') }],
    changelog: [[1_600_000_000, text, text]],
  }
}

function bytes(...hex: string[]): Buffer {
  return Buffer.from(hex.join(''), 'hex')
}

/** Texts that need care in XML. */
export const textTraps: Record<string, Trap> = {
  markup: {
    packages: named(['&', '<', '>', '"', "'", '&amp;', ']]>', '<a b="c">&#65;</a>', '--', '<!--'].map(everywhere)),
  },
  'letters beyond ASCII': {
    packages: named(['ü', 'à ß', '日本語', '😀', '\u0085', '\u00a0', '\ufeff', '\u2028', 'e\u0301'].map(everywhere)),
  },
  'Latin-1': {
    packages: named([
      ...['Grüße', 'ÿ', 'à', '\u00a0\u0080x'].map((text) => everywhere(Buffer.from(text, 'latin1'))),
      ...['61c3', '61c362', 'e282', 'ff', 'fe', '80', 'bf'].map((hex) => everywhere(bytes('78', hex))),
      everywhere(Buffer.concat([Buffer.from('UTF-8 ü and '), Buffer.from('Latin-1 ü', 'latin1')])),
    ]),
  },
  'white space': { packages: named(['a\tb', 'a\nb', 'a  b', ' a', 'a ', 'a\r\nb', '\r'].map(everywhere)) },
  'in the databases': {
    args: ['--database'],
    packages: named(
      ['&', '"', "'", 'ü', '😀', 'a\tb\nc', Buffer.from('Grüße', 'latin1'), bytes('7880c3')].map(everywhere),
    ),
  },
}
