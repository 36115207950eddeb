import { readOpened } from '../repodata/compression.ts'
import { fileName } from '../repodata/updateinfo/packages.ts'
import { contentRows } from '../store/content.ts'
import { memberRows } from '../store/members.ts'
import { readSeen, writeSeen } from '../store/seen.ts'
import type { Edition } from './edition.ts'
import { type FetchedRecord, fetchRecords } from './fetchRecords.ts'
import type { PackageTable } from './packages.ts'
import type { Run } from './run.ts'
import { named } from './source.ts'

/** The rows that are too young to be taken, and when each is old enough, in milliseconds. */
export type Held = ReadonlyMap<number, number>

/**
 * The packages that `min_age` holds back: not those that security advisories name, nor those that are published. What
 * was rebuilt or signed anew under its NEVRA keeps its age.
 */
export async function tooYoung(table: PackageTable, edition: Edition, run: Run): Promise<Held> {
  const { minAgeMs, age } = run.repo.selection
  if (minAgeMs === 0) return new Map()
  const now = Date.now()
  const born = age === 'build' ? built(table) : firstSeen(table, now, run)
  const young = new Map<number, number>()
  for (let row = 0; row < table.length; row++) {
    const ripe = born(row) + minAgeMs
    if (ripe > now) young.set(row, ripe)
  }
  if (young.size > 0) await release(young, table, edition, run)
  return young
}

/** When the first of these rows is old enough, in milliseconds; undefined for none. */
export function nextRipe(held: Held, rows: readonly number[]): number | undefined {
  const times = rows.map((row) => held.get(row) as number)
  return times.length === 0 ? undefined : times.reduce((first, time) => Math.min(first, time))
}

function built(table: PackageTable): (row: number) => number {
  return (row) => table.buildTime(row) * 1000
}

/** Sees all packages. The first time of all tells nothing of their ages, so that they count from their builds. */
function firstSeen(table: PackageTable, now: number, { state, row: repo }: Run): (row: number) => number {
  const before = readSeen(state.database, repo)
  const builds = built(table)
  const seen = new Map<string, number>()
  for (let row = 0; row < table.length; row++) {
    const nevra = table.nevra(row)
    seen.set(nevra, before.get(nevra) ?? (before.size === 0 ? Math.min(builds(row), now) : now))
  }
  writeSeen(state.database, repo, before, seen)
  return (row) => seen.get(table.nevra(row)) as number
}

/** Takes out what is not to wait. */
async function release(young: Map<number, number>, table: PackageTable, edition: Edition, run: Run): Promise<void> {
  const { database } = run.state
  const contents = contentRows(database)
  const published = new Set<string>()
  for (const { kind, sha256 } of memberRows(database, run.row).current()) if (kind === 'package') published.add(sha256)
  const isAdvised = await advised(table, edition, run)
  for (const row of young.keys()) {
    const sha256 = contents.sha256Of(table.checksum(row))
    if ((sha256 !== undefined && published.has(sha256)) || isAdvised(row)) young.delete(row)
  }
}

/** Whether a row is a package that an advisory of type security names. */
async function advised(table: PackageTable, { repomd }: Edition, run: Run): Promise<(row: number) => boolean> {
  const record = repomd.records.find(({ type }) => type === 'updateinfo')
  if (record === undefined) return () => false
  const fetched = await fetchRecords([record], run)
  const { content } = fetched[0] as FetchedRecord
  const { advisedForSecurity } = await import('../repodata/updateinfo/security.ts')
  const bytes = readOpened(run.state.pool.path(content.sha256), record)
  const { nevras, files } = await named(record.type, () => advisedForSecurity(bytes))
  return (row) => nevras.has(table.nevra(row)) || files.has(fileName(table.href(row)))
}
