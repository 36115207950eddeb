import { globMatcher } from '../glob.ts'
import { compareVersions } from './evr.ts'
import type { Nevra } from './nevra.ts'

type Matches = (nevra: Nevra) => boolean

/** Patterns of includepkgs or excludepkgs while the packages that decide how they are meant go by. */
export type Subjects = {
  /** Shows one of the packages, every one once and in any order. */
  readonly see: (nevra: Nevra) => void
  /** What the patterns mean for the packages that were seen: whether any of them names a package. */
  readonly matcher: () => Matches
}

/**
 * Reads patterns as dnf 4 reads includepkgs and excludepkgs: as name-epoch:version-release.arch, then name.arch, name,
 * name-version-release, name-version, then as a glob over the whole label, and what counts is the first of these that finds
 * any package at all. So `foo-1.0` is the package of that name where one exists, otherwise foo in version 1.0, and the answer
 * depends on the whole repository (dnf: on all enabled ones together), before any other selection.
 * Globs may stand anywhere but in the epoch; a version or release without one is compared as rpm compares (1.0 is 1.00).
 */
export function readSubjects(patterns: readonly string[]): Subjects {
  const subjects = [...new Set(patterns)].map(formsOf).map((forms) => ({ forms, best: forms.length }))
  return {
    see(nevra) {
      for (const subject of subjects) {
        for (let i = 0; i < subject.best; i++) if (subject.forms[i]!(nevra)) subject.best = i
      }
    },
    matcher() {
      const chosen = subjects.flatMap(({ forms, best }) => forms[best] ?? [])
      return (nevra) => chosen.some((form) => form(nevra))
    },
  }
}

/** `readSubjects` over a set of packages that is at hand: whether a package is one that the patterns name. */
export function subjectMatcher(patterns: readonly string[], packages: Iterable<Nevra>): Matches {
  const subjects = readSubjects(patterns)
  for (const nevra of packages) subjects.see(nevra)
  return subjects.matcher()
}

const name = '(?<name>[^:(/=<> ]+)'
const epoch = '(?:(?<epoch>[0-9]+):)?'
const version = '(?<version>[^-:(/=<> ]+)'
const release = '(?<release>[^-:(/=<> ]+)'
const arch = '(?<arch>[^-:.(/=<> ]+)'

/** libdnf's `NEVRA_FORM_REGEX` in the order of its `HY_FORMS_MOST_SPEC`. */
const grammars = [
  `${name}-${epoch}${version}-${release}\\.${arch}`,
  `${name}\\.${arch}`,
  name,
  `${name}-${epoch}${version}-${release}`,
  `${name}-${epoch}${version}`,
].map((grammar) => new RegExp(`^${grammar}$`))

/** The ways to read a pattern, in the order in which libdnf tries them. */
function formsOf(pattern: string): Matches[] {
  const parsed = grammars.map((grammar) => grammar.exec(pattern)?.groups).filter((parts) => parts !== undefined)
  return [...parsed.map(everyPart), ...wholeLabel(pattern)]
}

/** What every part that the pattern names has to be. */
function everyPart(parts: Record<string, string | undefined>): Matches {
  const conditions = (Object.keys(partMatchers) as (keyof Nevra)[]).flatMap((part) => {
    const wanted = parts[part]
    if (wanted === undefined) return []
    const accepts = partMatchers[part](wanted)
    return [(nevra: Nevra) => accepts(nevra[part])]
  })
  return (nevra) => conditions.every((condition) => condition(nevra))
}

const partMatchers: Record<keyof Nevra, (wanted: string) => (text: string) => boolean> = {
  name: textMatcher,
  epoch: isVersion,
  version: versionMatcher,
  release: versionMatcher,
  arch: textMatcher,
}

/**
 * The last form, over the whole label: with the epoch, even of 0, where the pattern has a colon, otherwise without. Only globs get
 * this far: any other text that is a label was already found by its parts.
 */
function wholeLabel(pattern: string): Matches[] {
  if (!isGlob(pattern) || /[(/=<> ]/.test(pattern)) return []
  const accepts = globMatcher(pattern)
  const withEpoch = pattern.includes(':')
  return [
    ({ name, epoch, version, release, arch }) =>
      accepts(`${name}-${withEpoch ? `${epoch}:` : ''}${version}-${release}.${arch}`),
  ]
}

/** Text without a glob character is itself: libdnf hands only the others to fnmatch, so a lone `\` is no escape. */
function textMatcher(pattern: string): (text: string) => boolean {
  return isGlob(pattern) ? globMatcher(pattern) : (text) => text === pattern
}

function versionMatcher(pattern: string): (version: string) => boolean {
  return isGlob(pattern) ? globMatcher(pattern) : isVersion(pattern)
}

function isVersion(wanted: string): (version: string) => boolean {
  return (version) => compareVersions(version, wanted) === 0
}

function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern)
}
