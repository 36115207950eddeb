import type { RpmSpec } from '../../helpers/rpmfile.ts'
import { named } from './identityTraps.ts'
import type { Trap } from './sideBySide.ts'

/** Entries with those dates, newest first, told apart by their texts. */
function dated(...dates: number[]): Omit<RpmSpec, 'name'> {
  return { changelog: dates.map((date, i) => [date, `author ${i}`, `- entry ${i}`]) }
}

const twelve = dated(...Array.from({ length: 12 }, (_, i) => 1_600_000_000 - i * 86_400))
const packages = named([
  twelve,
  dated(5),
  {},
  dated(9, 9, 9, 9),
  dated(9, 9, 8, 8, 8, 7),
  dated(11, 10, 10, 9, 9),
  // What is made a second later collides with what was there.
  dated(12, 11, 10, 10, 10),
  dated(1, 2, 3, 2, 2),
  dated(0, 0, 0),
  dated(2 ** 32 - 1, 2 ** 31 + 1, 2 ** 31),
])

const beyond2038 = [
  {
    reason: 'createrepo_c writes dates of 32 bits with a sign into the databases',
    matches: /^other_db: changelog: only (ours: .*"date":[24]\d{9},|theirs: .*"date":-)/,
  },
]

/** What changed in a package. */
export const changelogTraps: Record<string, Trap> = {
  'the newest ten, oldest first, no two at one second': { packages },
  none: { packages, args: ['--changelog-limit=0'] },
  one: { packages, args: ['--changelog-limit=1'] },
  'three, of which some share a second': { packages, args: ['--changelog-limit=3'] },
  'more than there are': { packages, args: ['--changelog-limit=100'] },
  'in the databases': { packages, args: ['--changelog-limit=3', '--database'], accepted: beyond2038 },
  'blanks behind an author go': {
    packages: named([
      ...['A  ', ' A ', '   ', ' ', '', 'A\t ', 'A \n', 'A <a@b> - 1-1 '].map(
        (author): Omit<RpmSpec, 'name'> => ({
          changelog: [[1, author, ' text ']],
        }),
      ),
      { changelog: [[1, 'A', '']] },
      { changelog: [[1, 'A', '\n- a\n\n']] },
    ]),
  },
}
