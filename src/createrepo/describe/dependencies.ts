import { type Dependency, type DependencyKind, isPrimaryFile, type PackageFile } from '../../repodata/package.ts'
import { compareLibc } from './libc.ts'
import type { Listed, ListedDependencies } from './listed.ts'

/** Bits of a dependency's flags (rpm, include/rpm/rpmds.h; `strong` is SUSE's, from before rpm had weak dependencies). */
const sense = {
  posttrans: 1 << 5,
  prereq: 1 << 6,
  pretrans: 1 << 7,
  scriptPre: 1 << 9,
  scriptPost: 1 << 10,
  missingOk: 1 << 19,
  strong: 1 << 27,
}
const beforeInstallation = sense.posttrans | sense.prereq | sense.pretrans | sense.scriptPre | sense.scriptPost

/** Less, greater and equal are a bit each; other combinations mean no version (createrepo_c, src/misc.c 54-73). */
const comparisons: Record<number, Dependency['flags']> = { 2: 'LT', 4: 'GT', 8: 'EQ', 10: 'LE', 12: 'GE' }

/**
 * What primary tells of a package's dependencies: createrepo_c's choice (src/parsehdr.c 373-600). A dependency whose
 * epoch is no number is left out, and `tell` is told of it.
 */
export function chooseDependencies(
  lists: ListedDependencies,
  files: readonly PackageFile[],
  tell: (warning: string) => void,
): Record<DependencyKind, Dependency[]> {
  const read = (list: readonly Listed[]) => {
    const understood: Dependency[] = []
    for (const listed of list) {
      const dependency = toDependency(listed, tell)
      if (dependency !== undefined) understood.push(dependency)
    }
    return understood
  }
  const isStrong = ({ flags }: Listed) => (flags & sense.strong) !== 0
  const isWeak = (listed: Listed) => !isStrong(listed)
  const { requires, recommends } = chooseRequires(lists, files, tell)
  return {
    provides: read(lists.provides),
    requires,
    conflicts: read(lists.conflicts),
    obsoletes: read(lists.obsoletes),
    suggests: read([...lists.suggests, ...lists.oldSuggests.filter(isWeak)]),
    enhances: read([...lists.enhances, ...lists.oldEnhances.filter(isWeak)]),
    recommends: [...recommends, ...read([...lists.recommends, ...lists.oldSuggests.filter(isStrong)])],
    supplements: read([...lists.supplements, ...lists.oldEnhances.filter(isStrong)]),
  }
}

/**
 * Of requires, what the package answers itself is left out, and so is what rpm itself must be able to do, a repetition of
 * the same name's last entry, and all but the highest version of the C library, which comes last.
 */
function chooseRequires(
  { requires, provides }: Pick<ListedDependencies, 'requires' | 'provides'>,
  files: readonly PackageFile[],
  tell: (warning: string) => void,
): { requires: Dependency[]; recommends: Dependency[] } {
  const isAnswered = answering(provides, files)
  const last = new Map<string, Listed>()
  const required: Dependency[] = []
  const recommends: Dependency[] = []
  let libc: Dependency | undefined
  for (const listed of requires) {
    const { name, flags } = listed
    if (name.startsWith('rpmlib(') || isAnswered(listed)) continue
    const before = last.get(name)
    if (before !== undefined && isSame(before, listed) && isPre(before) === isPre(listed)) continue
    const dependency = toDependency(listed, tell)
    if (dependency === undefined) continue
    dependency.pre = isPre(listed)
    if ((flags & sense.missingOk) !== 0) {
      recommends.push({ ...dependency, pre: false })
    } else if (name.startsWith('libc.so.6')) {
      if (libc === undefined || compareLibc(libc.name, name) < 0) libc = dependency
    } else {
      required.push(dependency)
      last.set(name, listed)
    }
  }
  return { requires: libc === undefined ? required : [...required, libc], recommends }
}

/** Whether a package answers a requirement itself: by a file that primary lists, or by just the same among its provides. */
function answering(provides: readonly Listed[], files: readonly PackageFile[]): (listed: Listed) => boolean {
  // Most packages provide little, and to look through it takes less time than to index it.
  const provided = provides.length > 16 ? Map.groupBy(provides, ({ name }) => name) : undefined
  let paths: Set<string> | undefined
  return (listed) => {
    const { name } = listed
    if (name.startsWith('/') && isPrimaryFile(name)) {
      paths ??= new Set(files.map(({ path }) => path).filter(isPrimaryFile))
      if (paths.has(name)) return true
    }
    const candidates = provided === undefined ? provides : (provided.get(name) ?? [])
    for (const one of candidates)
      if (one.name === name && isSame(one, listed) && readEvr(one.version) !== undefined) return true
    return false
  }
}

function isSame(a: Listed, b: Listed): boolean {
  return a.version === b.version && comparisons[a.flags & 0xf] === comparisons[b.flags & 0xf]
}

function isPre({ flags }: Listed): boolean {
  return (flags & beforeInstallation) !== 0
}

function toDependency({ name, flags, version }: Listed, tell: (warning: string) => void): Dependency | undefined {
  const evr = version === '' ? noEvr : readEvr(version)
  if (evr !== undefined) {
    const { epoch, version: own, release } = evr
    return { name, flags: comparisons[flags & 0xf], epoch, version: own, release, pre: false }
  }
  tell(`dependency ${name} is left out: the epoch of ${version} is no number`)
  return undefined
}

const noEvr = { epoch: undefined, version: undefined, release: undefined }

/**
 * Epoch, version and release of a dependency, cut at the first `:` and the first `-` behind it; undefined where the epoch
 * is no number (createrepo_c, src/misc.c 90-169).
 */
function readEvr(text: string): Pick<Dependency, 'epoch' | 'version' | 'release'> | undefined {
  const colon = text.indexOf(':')
  const epoch = text.slice(0, Math.max(colon, 0))
  if (epoch !== '' && !/^\s*[+-]?\d+$/.test(epoch)) return undefined
  const dash = text.indexOf('-', colon + 1)
  const version = text.slice(colon + 1, dash === -1 ? undefined : dash)
  const release = dash === -1 ? '' : text.slice(dash + 1)
  return { epoch: epoch === '' ? '0' : epoch, version: version || undefined, release: release || undefined }
}
