import { isSource } from '../../arch.ts'
import { providersOf, type Relations, type Requirement } from '../../repodata/closure/relations.ts'
import { compareEvr } from '../../rpm/evr.ts'
import type { Term } from '../../rpm/rich.ts'
import type { PackageTable } from '../packages.ts'

/** The rows that were asked for with all that they need, and dependencies that nothing here fulfils. */
export type Closure = { rows: Set<number>; unresolved: Requirement[] }

/** Which set a row belongs to whose packages do not stand in for those of others: that of its module's stream. */
export type StreamOf = (row: number) => string

/**
 * Adds what packages require, and what that requires. A dependency that is fulfilled by what was taken already takes
 * nothing; else it takes the newest provider of its versions, one of that very name first, and one of each module's stream,
 * since hosts differ in which they have enabled. Of source packages nothing is built here.
 */
export function closureOf(
  roots: Iterable<number>,
  table: PackageTable,
  relations: Relations,
  streamOf: StreamOf,
): Closure {
  const rows = new Set(roots)
  const known = new Map<Term, number[]>()
  const unresolved: Requirement[] = []
  // A set that grows is walked to its last member.
  for (const row of rows) {
    if (isSource(table.arch(row))) continue
    for (const requirement of relations.wants[row] ?? []) {
      const found = requirement.terms.map((term) => resolve(term, row))
      if (!found.includes(true)) unresolved.push(requirement)
    }
  }
  return { rows, unresolved }

  function resolve(term: Term, by: number): boolean {
    const able = known.get(term) ?? providersOf(term, relations)
    known.set(term, able)
    if (able.some((row) => rows.has(row))) return true
    for (const row of newestOfStreams(able, term, by)) rows.add(row)
    return able.length > 0
  }

  function newestOfStreams(able: number[], term: Term, by: number): Iterable<number> {
    const newest = new Map<string, number>()
    for (const row of able) {
      const stream = streamOf(row)
      const other = newest.get(stream)
      if (other === undefined || isBetter(row, other, term, by)) newest.set(stream, row)
    }
    return newest.values()
  }

  function isBetter(row: number, other: number, { all: [first] }: Term, by: number): boolean {
    const named = rank(table.name(row) === first?.name) - rank(table.name(other) === first?.name)
    const order = named || compareEvr(evrOf(table, row), evrOf(table, other))
    return (order || rank(table.arch(row) === table.arch(by)) - rank(table.arch(other) === table.arch(by))) > 0
  }
}

function rank(is: boolean): number {
  return is ? 1 : 0
}

function evrOf(table: PackageTable, row: number) {
  return { epoch: table.epoch(row), version: table.version(row), release: table.release(row) }
}
