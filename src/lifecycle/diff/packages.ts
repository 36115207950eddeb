import { compareEvr, type Evr, formatEvr } from '../../rpm/evr.ts'
import type { Nevra } from '../../rpm/nevra.ts'
import { type PackageFile, packagePaths, packagesApart } from '../../store/changes.ts'
import { memberRows } from '../../store/members.ts'
import type { Reading } from '../documents.ts'
import { identitiesOf } from './identities.ts'
import type { OpenSide } from './side.ts'

/**
 * What became of the packages of one name and arch: the newest version before and after (`null` where there is none), and
 * all versions that came and went. `rebuilt`: a version is there as before, with other bytes; `versions`: the newest is
 * the same, others came or went.
 */
export type PackageChange = {
  name: string
  arch: string
  change: (typeof packageChanges)[number]
  before: string | null
  after: string | null
  came: string[]
  went: string[]
}

/** In the order in which they are told. */
export const packageChanges = ['upgraded', 'downgraded', 'added', 'removed', 'rebuilt', 'versions'] as const

/** The changes by name and arch, and how many files and bytes came and went. */
export type Packages = { changes: PackageChange[]; came: Amount; went: Amount }
export type Amount = { files: number; bytes: number }

/** Compares the packages of two generations. Of those that are in both only those are looked at that share a name with one that is not. */
export async function comparePackages(before: OpenSide, after: OpenSide, reading: Reading): Promise<Packages> {
  const { went, came } = packagesApart(reading.database, before, after)
  const [gone, fresh] = [await named(went, before, reading), await named(came, after, reading)]
  const stayed = await neighbours(came, [...gone, ...fresh], after, reading)
  const groups = Map.groupBy([...gone.map(of('went')), ...fresh.map(of('came')), ...stayed.map(of('stayed'))], keyOf)
  const changes = [...groups.values()]
    .flatMap(changeOf)
    .sort((a, b) => compare(a.name, b.name) || compare(a.arch, b.arch))
  return { changes, came: amountOf(came), went: amountOf(went) }
}

async function named(files: PackageFile[], side: OpenSide, { pool }: Reading): Promise<Nevra[]> {
  return [...(await identitiesOf(files, pool, side.documents.get('primary'))).values()]
}

/** Packages that did not change, of names that did: found by what their files are called. */
async function neighbours(came: PackageFile[], changed: Nevra[], side: OpenSide, reading: Reading): Promise<Nevra[]> {
  const names = new Set(changed.map(({ name }) => name))
  const others = new Set(came.map(({ path }) => path))
  const rows = memberRows(reading.database, side.repo)
  const paths = names.size === 0 ? [] : packagePaths(reading.database, side)
  const found = paths
    .filter((path) => !others.has(path) && names.has(nameOf(path)))
    .map((path) => ({ path, sha256: rows.contentAt(path, side.generation) as string }))
  return [...(await identitiesOf(found, reading.pool, side.documents.get('primary'))).values()]
}

/** What stands before a version and a release in a file's name; `parseNevra` of it takes five times as long, for each package. */
function nameOf(path: string): string {
  const end = path.lastIndexOf('-', path.lastIndexOf('-') - 1)
  return path.slice(path.lastIndexOf('/') + 1, end === -1 ? undefined : end)
}

type Moved = { nevra: Nevra; where: 'went' | 'came' | 'stayed' }

function of(where: Moved['where']): (nevra: Nevra) => Moved {
  return (nevra) => ({ nevra, where })
}

function keyOf({ nevra }: Moved): string {
  return `${nevra.name}.${nevra.arch}`
}

function changeOf(moved: readonly Moved[]): PackageChange[] {
  const only = (...where: string[]) => moved.filter((one) => where.includes(one.where)).map(({ nevra }) => nevra)
  const [came, went] = [sorted(only('came')), sorted(only('went'))]
  const [first] = [...came, ...went]
  if (first === undefined) return []
  const before = sorted(only('went', 'stayed')).at(-1)
  const after = sorted(only('came', 'stayed')).at(-1)
  const change = kindOf(before, after, came, went)
  return [
    {
      name: first.name,
      arch: first.arch,
      change,
      before: text(before),
      after: text(after),
      came: texts(came),
      went: texts(went),
    },
  ]
}

function kindOf(before: Evr | undefined, after: Evr | undefined, came: Evr[], went: Evr[]): PackageChange['change'] {
  if (before === undefined) return 'added'
  if (after === undefined) return 'removed'
  const order = compareEvr(before, after)
  if (order !== 0) return order < 0 ? 'upgraded' : 'downgraded'
  return came.some((one) => went.some((other) => compareEvr(one, other) === 0)) ? 'rebuilt' : 'versions'
}

function sorted<T extends Evr>(versions: T[]): T[] {
  return versions.sort(compareEvr)
}

function text(evr: Evr | undefined): string | null {
  return evr === undefined ? null : formatEvr(evr)
}

function texts(versions: readonly Evr[]): string[] {
  return versions.map((evr) => formatEvr(evr))
}

function amountOf(files: readonly PackageFile[]): Amount {
  return { files: files.length, bytes: files.reduce((sum, { size }) => sum + size, 0) }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}
