import { isSource } from '../arch.ts'
import type { Repo, Selection } from '../config/repo.ts'
import { compareEvr, type Evr } from '../rpm/evr.ts'
import type { Nevra } from '../rpm/nevra.ts'
import { subjectMatcher } from '../rpm/subject.ts'
import type { PackageTable } from './packages.ts'
import { listedRows, newestOfStream, type Streams } from './streams.ts'

/**
 * The rows that a repository wants, ascending, the NEVRAs that the upstream lists more than once, and rows that are wanted
 * but for being held back.
 */
export type Selected = { rows: Uint32Array; duplicates: string[]; waiting: number[] }

/**
 * Selects in dnf's order: includepkgs and excludepkgs, the newest of what is left, then arch and source. An excluded
 * version, one that was built too early or one of `held` never hides another one that was wanted. To packages of no module the last two steps are the same in either
 * order; the versions of a stream are chosen by its packages of all archs, as dnf reposync does.
 */
export function select(
  table: PackageTable,
  { selection, duplicates }: Pick<Repo, 'selection' | 'duplicates'>,
  streams: Streams = new Map(),
  held: ReadonlyMap<number, unknown> = new Map(),
): Selected {
  const { keep, minBuildTime = 0 } = selection
  const isFitting = (row: number) => fits(table.arch(row), table.name(row), selection)
  const named = byName(table, selection).filter((row) => table.buildTime(row) >= minBuildTime)
  const waitingFor = selection.withDeps === 'no' ? named : byName(table, { ...selection, includepkgs: [] })
  const ripe = named.filter((row) => !held.has(row))
  const newest = keep === undefined ? ripe : newestOf(table, ripe, streams, keep)
  const fitting = newest.filter(isFitting)
  const twins = sameNevra(table, fitting)
  const dropped = duplicates === 'newest' ? olderBuilds(table, twins) : new Set<number>()
  return {
    rows: Uint32Array.from(fitting.filter((row) => !dropped.has(row)).sort((a, b) => a - b)),
    duplicates: twins.map(([row]) => table.nevra(row as number)),
    waiting: waitingFor.filter((row) => held.has(row) && isFitting(row)),
  }
}

function byName(table: PackageTable, { includepkgs, excludepkgs }: Selection): number[] {
  const all = Array.from({ length: table.length }, (_, row) => row)
  const included = includepkgs.length === 0 ? () => true : subjectMatcher(includepkgs, nevras(table))
  const excluded = excludepkgs.length === 0 ? () => false : subjectMatcher(excludepkgs, nevras(table))
  if (includepkgs.length === 0 && excludepkgs.length === 0) return all
  return all.filter((row) => {
    const nevra = nevraOf(table, row)
    return included(nevra) && !excluded(nevra)
  })
}

function* nevras(table: PackageTable): Generator<Nevra> {
  for (let row = 0; row < table.length; row++) yield nevraOf(table, row)
}

function nevraOf(table: PackageTable, row: number): Nevra {
  return { name: table.name(row), arch: table.arch(row), ...evrOf(table, row) }
}

function evrOf(table: PackageTable, row: number): Evr {
  return { epoch: table.epoch(row), version: table.version(row), release: table.release(row) }
}

/** Source packages have a switch of their own: a list of archs says nothing of them, and neither does `debug`. */
function fits(arch: string, name: string, { arch: wanted, source, debug }: Selection): boolean {
  if (isSource(arch)) return source !== 'no'
  if (source === 'only' || !wanted.includes(arch)) return false
  return debug === 'also' || isDebug(name) === (debug === 'only')
}

/**
 * Whether a package was made by rpm's find-debuginfo, by its name as Koji has it (koji/__init__.py, `is_debuginfo`):
 * kernels have a `kernel-debuginfo-common-x86_64`, too.
 */
function isDebug(name: string): boolean {
  return name.endsWith('-debuginfo') || name.endsWith('-debugsource') || name.includes('-debuginfo-')
}

/**
 * The `keep` newest of all: of modules by their streams, of everything else by name and arch. A package that looks like
 * one of a module and that no document lists stays: which of them is the newest is a question of its stream.
 */
function newestOf(table: PackageTable, rows: number[], streams: Streams, keep: number): number[] {
  const wanted = new Set(rows)
  const listed = listedRows(streams)
  const unlisted = rows.filter((row) => !listed.has(row))
  const looksModular = (row: number) => isModular(table.release(row))
  const newest = (of: number[]) => newestOfEach(table, of, keep)
  const ofStreams = [...streams.values()].flatMap((versions) => newestOfStream(versions, wanted, keep, newest))
  const others = [...unlisted.filter(looksModular), ...newest(unlisted.filter((row) => !looksModular(row)))]
  return [...new Set([...ofStreams, ...others])]
}

/** The `keep` newest versions of each name.arch by rpm's order; one version may be there more than once. */
function newestOfEach(table: PackageTable, rows: number[], keep: number): number[] {
  const groups = new Map<string, number[]>()
  for (const row of rows) append(groups, `${table.name(row)}.${table.arch(row)}`, row)
  return [...groups.values()].flatMap((group) => (group.length <= keep ? group : newestVersions(table, group, keep)))
}

/** Whether a package was built for a module, by what its build system writes into the release. */
export function isModular(release: string): boolean {
  return release.includes('.module+') || release.includes('.module_')
}

function newestVersions(table: PackageTable, group: number[], keep: number): number[] {
  const versions = group.map((row) => ({ row, evr: evrOf(table, row) })).sort((a, b) => compareEvr(b.evr, a.evr))
  let distinct = 0
  return versions
    .filter(({ evr }, i) => {
      const before = versions[i - 1]
      if (before === undefined || compareEvr(before.evr, evr) !== 0) distinct++
      return distinct <= keep
    })
    .map(({ row }) => row)
}

/** The rows of each NEVRA that occurs more than once. */
function sameNevra(table: PackageTable, rows: number[]): number[][] {
  const groups = new Map<string, number[]>()
  const once = new Map<string, number>()
  for (const row of rows) {
    const nevra = table.nevra(row)
    const first = once.get(nevra)
    if (first === undefined) once.set(nevra, row)
    else if (groups.has(nevra)) groups.get(nevra)?.push(row)
    else groups.set(nevra, [first, row])
  }
  return [...groups.values()]
}

/** All but the build that is newest, which is the one that dnf takes. */
function olderBuilds(table: PackageTable, twins: number[][]): Set<number> {
  const older = twins.flatMap((rows) => [...rows].sort((a, b) => table.buildTime(b) - table.buildTime(a)).slice(1))
  return new Set(older)
}

function append(groups: Map<string, number[]>, key: string, row: number): void {
  const group = groups.get(key)
  if (group === undefined) groups.set(key, [row])
  else group.push(row)
}
