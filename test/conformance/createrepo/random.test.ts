import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../helpers/judges.ts'
import { type Dependency, type RpmSpec, sense, type Text } from '../../helpers/rpmfile.ts'
import { expectNoDifference } from './sideBySide.ts'

/** The suite tries the same each time; MIRROR_TEST_PACKAGES=5000 tries so many new ones. */
const wanted = process.env.MIRROR_TEST_PACKAGES
const seed = wanted === undefined ? 1 : Date.now()
const batch = 250

/** Short texts of what means something somewhere: in EVRs, XML, paths, lists. */
const word = fc.string({ unit: fc.constantFrom(...Array.from('ab1290.:-~^+/()&<"\' =ü')), minLength: 1, maxLength: 6 })
const text: fc.Arbitrary<Text> = fc.oneof(
  { weight: 6, arbitrary: word },
  {
    weight: 2,
    arbitrary: fc
      .string({ unit: 'binary', maxLength: 8 })
      .filter((it) => !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/u.test(it)),
  },
  { weight: 1, arbitrary: fc.constantFrom('Grüße', 'ÿà').map((it) => Buffer.from(it, 'latin1')) },
)
const evr = fc.oneof(word, fc.constantFrom('', '1', '1-1', '0:1-1', '1:2', 'x:1', '2~rc-1', '1-1-1'))
/** Without those of %pretrans and %posttrans, which versions of createrepo_c take for different things. */
const flags = fc
  .oneof(
    fc.nat(15),
    fc.nat(31).map((bit) => 2 ** bit),
    fc.nat(0x7fffffff),
  )
  .map((bits) => (bits & ~(sense.preTrans | sense.postTrans)) >>> 0)
const names = fc.oneof(
  fc.constantFrom('a', 'b', '/etc/a', '/usr/bin/a', 'rpmlib(X)', 'libc.so.6', 'libc.so.6(GLIBC_2.4)', '(a if b)'),
  fc.nat(30).map((minor) => `libc.so.6(GLIBC_2.${minor})(64bit)`),
  text,
)
const dependency: fc.Arbitrary<Dependency> = fc.oneof(names, fc.tuple(names, flags, evr))
const dependencies = fc.array(dependency, { maxLength: 6 })
const file = fc.record({
  path: fc.tuple(fc.constantFrom('/', '/etc/', '/usr/bin/', '/usr/share/a/', ''), word).map((parts) => parts.join('')),
  mode: fc.constantFrom(0o100644, 0o040755, 0o120777, 0o020600),
  flags: fc.constantFrom(0, 0, 1, 64, 65),
  digest: fc.constantFrom('', 'ab'.repeat(32)),
})
const spec: fc.Arbitrary<RpmSpec> = fc.record(
  {
    name: word,
    version: word,
    release: word,
    arch: fc.constantFrom('noarch', 'x86_64', 'i686'),
    format: fc.constantFrom(4 as const, 6 as const),
    source: fc.boolean(),
    epoch: fc.nat(9),
    buildTime: fc.nat(2 ** 31 - 1),
    size: fc.oneof(fc.nat(), fc.constant(2 ** 35)),
    archiveSize: fc.oneof(fc.nat(), fc.constant(2 ** 35)),
    summary: text,
    description: text,
    vendor: text,
    packager: text,
    url: text,
    sourceRpm: text,
    provides: dependencies,
    requires: dependencies,
    conflicts: dependencies,
    obsoletes: dependencies,
    recommends: dependencies,
    suggests: dependencies,
    supplements: dependencies,
    enhances: dependencies,
    oldSuggests: dependencies,
    oldEnhances: dependencies,
    files: fc.uniqueArray(file, { maxLength: 6, selector: ({ path }) => path }),
    changelog: fc.array(fc.tuple(fc.nat(6), text, text), { maxLength: 14 }),
  },
  { requiredKeys: ['name'] },
)

const onlyInDatabases = {
  reason: 'the databases tell what the XML tells, as createrepo_c’s do for packages that an update used again',
  matches:
    /^primary_db: (\w+: only (ours: .*"version":null|theirs: .*("flags":null,"epoch":"|"version":""|"name":""))|\S+\.\w+: ours null, theirs ""$)/,
}

describe.skipIf(!judge('createrepo_c'))('packages that nobody would think of', () => {
  test('are told of as createrepo_c does', { timeout: 60_000 + Number(wanted ?? 0) * 50 }, async ({ skip }) => {
    for (let tried = 0; tried < Number(wanted ?? batch); tried += batch) {
      const specs = fc.sample(spec, { numRuns: batch, seed: seed + tried })
      const packages = Object.fromEntries(specs.map((each, i) => [`${i}.rpm`, each]))
      await expectNoDifference({ packages, args: ['--database'], accepted: [onlyInDatabases] }, skip).catch(
        (error: unknown) => {
          const [place = ''] = /\d+\.rpm/.exec((error as Error).message) ?? []
          expect.fail(`seed ${seed + tried}: ${(error as Error).message}\n${JSON.stringify(packages[place])}`)
        },
      )
    }
  })
})
