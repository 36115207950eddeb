import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { orderDifferences, valueDifferences, without } from './elements.ts'

type Row = Record<string, string | number | null>

/** What a sqlite file of metadata holds, packages told by their pkgId (and place), not by their number. */
interface Database {
  schema: string[]
  /** Packages in the order of their numbers. */
  order: string[]
  packages: Map<string, Row>
  /** The rows of the other tables as text. */
  tables: Map<string, string[]>
  checksum: string | number | null | undefined
}

/**
 * How two sqlite files differ: tables, indexes and triggers, every row as a set. Each side's db_info is held against
 * the checksum of its own XML.
 */
export function databaseDifferences(
  type: string,
  ours: { file: Buffer; xmlChecksum: string },
  theirs: { file: Buffer; xmlChecksum: string },
): string[] {
  const [a, b] = [read(ours.file), read(theirs.file)]
  return [
    ...setDifferences(`${type}: schema`, a.schema, b.schema),
    ...valueDifferences(`ours: ${type}: db_info.checksum against repomd.xml`, a.checksum, ours.xmlChecksum),
    ...valueDifferences(`theirs: ${type}: db_info.checksum against repomd.xml`, b.checksum, theirs.xmlChecksum),
    ...setDifferences(`${type}: packages`, a.order, b.order),
    ...(a.order.toSorted().join() === b.order.toSorted().join() ? orderDifferences(type, a.order, b.order) : []),
    ...Array.from(a.packages).flatMap(([key, row]) => rowDifferences(`${type}: ${key}`, row, b.packages.get(key))),
    ...Array.from(a.tables).flatMap(([table, rows]) =>
      setDifferences(`${type}: ${table}`, rows, b.tables.get(table) ?? []),
    ),
  ]
}

function read(file: Buffer): Database {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-test-'))
  try {
    writeFileSync(join(folder, 'db'), file)
    const database = new DatabaseSync(join(folder, 'db'), { readOnly: true })
    const all = (sql: string) => database.prepare(sql).all() as Row[]
    const read = contents(all)
    database.close()
    return read
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function contents(all: (sql: string) => Row[]): Database {
  const master = all('SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL')
  const rows = all('SELECT * FROM packages ORDER BY pkgKey')
  const keys = new Map(rows.map((row, at) => [row.pkgKey, keyOf(row, rows, at)]))
  const names = master.filter(({ type }) => type === 'table').map(({ name }) => String(name))
  const others = names.filter((name) => name !== 'packages' && name !== 'db_info')
  return {
    schema: [...master.map(schemaLine), ...all('SELECT dbversion FROM db_info').map((row) => JSON.stringify(row))],
    order: Array.from(keys.values()),
    packages: new Map(rows.map(({ pkgKey, ...row }) => [keys.get(pkgKey)!, row])),
    tables: new Map(others.map((name) => [name, all(`SELECT * FROM ${name}`).map((row) => rowLine(row, keys))])),
    checksum: all('SELECT checksum FROM db_info')[0]?.checksum,
  }
}

/** A package is told by its place where the table has one; otherwise by its checksum and how often that came before. */
function keyOf({ pkgId, location_href: href }: Row, rows: Row[], at: number): string {
  if (href !== undefined) return `${href}`
  const before = rows.slice(0, at).filter((other) => other.pkgId === pkgId).length
  return before === 0 ? `${pkgId}` : `${pkgId} (${before + 1})`
}

/** Without what means nothing in SQL: white space around its marks, and the case of `on`. */
function schemaLine({ type, name, tbl_name: table, sql }: Row): string {
  const statement = String(sql)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),;]) ?/g, '$1')
    .replace(' on ', ' ON ')
  return `${type} ${name} on ${table}: ${statement.trim()}`
}

function rowLine({ pkgKey, ...row }: Row, keys: Map<Row[string] | undefined, string>): string {
  return `${keys.get(pkgKey) ?? `package ${pkgKey}, which there is not`}: ${JSON.stringify(withPairs(row))}`
}

/** A row of filelist holds names and one letter for each; the order of the pairs means nothing. */
function withPairs(whole: Row): Row {
  const { filenames, filetypes, ...row } = whole
  if (typeof filenames !== 'string' || typeof filetypes !== 'string') return whole
  const names = filenames.split('/')
  const types = Array.from(filetypes)
  const pairs = names.map((name, at) => `${types[at]} ${name}`).sort()
  const letters = types.length === names.length ? 'match' : filetypes
  return { ...row, files: JSON.stringify(pairs), letters }
}

function rowDifferences(path: string, ours: Row, theirs: Row | undefined): string[] {
  if (theirs === undefined) return []
  const columns = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return Array.from(columns).flatMap((column) => valueDifferences(`${path}.${column}`, ours[column], theirs[column]))
}

function setDifferences(path: string, ours: string[], theirs: string[]): string[] {
  return [
    ...without(ours, theirs).map((at) => `${path}: only ours: ${ours[at]}`),
    ...without(theirs, ours).map((at) => `${path}: only theirs: ${theirs[at]}`),
  ]
}
