import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Nevra, parseNevra } from '../../src/rpm/nevra.ts'
import { readSubjects, subjectMatcher } from '../../src/rpm/subject.ts'
import vectors from '../fixtures/rpm/subjects.json' with { type: 'json' }
import { judge } from '../helpers/judges.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { askDnf, formatLabel, isDnf4 } from './ask.ts'

const packages: readonly Nevra[] = vectors.packages
const excluded = vectors.patterns as [pattern: string, labels: string[]][]

function named(patterns: string[], among: readonly Nevra[] = packages): string[] {
  return among.filter(subjectMatcher(patterns, among)).map(formatLabel)
}

function nevras(...labels: string[]): Nevra[] {
  return labels.map((label) => parseNevra(label)!)
}

describe('a pattern of includepkgs or excludepkgs', () => {
  test.each(excluded)('%s names what dnf excluded for it', (pattern, labels) => {
    expect(named([pattern])).toEqual(labels)
  })

  test.skipIf(!judge('dnf') || !isDnf4())(
    'names what the installed dnf 4 excludes for it, however the parts are cut',
    { timeout: 60_000 },
    async () => {
      await using folder = await makeTemporaryFolder()
      const patterns = fc.sample(pattern, 150)
      const expected = askDnf(folder.path, packages, patterns)
      expect(expected.some((labels) => labels.length > 0)).toBe(true)
      const wrong = patterns.flatMap((pattern, i) => {
        const ours = named([pattern])
        return ours.join() === expected[i]!.join() ? [] : [{ pattern, ours, dnf: expected[i] }]
      })
      expect(wrong).toEqual([])
    },
  )

  test('is the name of a package rather than name and version, where there is such a package', () => {
    const withVersion = nevras('python-3-1.noarch', 'perl-5-1.noarch')
    expect(named(['python-3'], withVersion)).toEqual(['python-0:3-1.noarch'])
    const withName = nevras('python-3-1.noarch', 'python-3-2-1.noarch')
    expect(named(['python-3'], withName)).toEqual(['python-3-0:2-1.noarch'])
  })

  test('does not depend on the order in which the packages are seen', () => {
    const reversed = packages.toReversed()
    for (const [pattern, labels] of excluded) {
      expect(packages.filter(subjectMatcher([pattern], reversed)).map(formatLabel)).toEqual(labels)
    }
  })
})

describe('several patterns', () => {
  test('name what any of them names, each read by itself', () => {
    const all = new Set([...named(['nginx-1.20.1']), ...named(['bind']), ...named(['*.i686'])])
    expect(new Set(named(['nginx-1.20.1', 'bind', 'nothing', '*.i686', 'bind']))).toEqual(all)
  })

  test('name nothing when there are none, or no packages', () => {
    expect(named([])).toEqual([])
    expect(packages.filter(subjectMatcher(['*'], []))).toEqual([])
  })

  test('can be decided while packages are streamed by', () => {
    const subjects = readSubjects(['python-3'])
    const [version, name] = nevras('python-3-1.noarch', 'python-3-2-1.noarch') as [Nevra, Nevra]
    subjects.see(version)
    expect(subjects.matcher()(version)).toBe(true)
    subjects.see(name)
    expect(subjects.matcher()(version)).toBe(false)
    expect(subjects.matcher()(name)).toBe(true)
  })
})

/** Patterns cut from the packages' own labels, with globs in place of some characters. */
const pattern = fc
  .tuple(
    fc.constantFrom(
      ...packages.flatMap((nevra) => [formatLabel(nevra), formatLabel(nevra).replace(/-\d+:/, '-'), nevra.name]),
    ),
    fc.array(fc.tuple(fc.nat(40), fc.constantFrom('*', '?', '[a-z]', '[!0]', '', '-', '.', ':', '0')), {
      maxLength: 3,
    }),
    fc.nat(40),
  )
  .map(([label, edits, length]) => {
    const cut = length < 20 ? label : label.slice(0, length - 16)
    return edits.reduce((text, [at, glob]) => text.slice(0, at) + glob + text.slice(at + 1), cut)
  })
  .filter((text) => text !== '')
