import type { DatabaseSync } from 'node:sqlite'
import { type Dependency, type DependencyKind, dependencyKinds, isPrimaryFile } from '../package.ts'
import { type PrimaryRecord, readPrimary } from '../primary/read.ts'
import type { DatabaseForm } from './form.ts'

/** In the order of the tables, which is not primary's. */
const lists = ['requires', 'provides', ...dependencyKinds.slice(2)] as readonly DependencyKind[]

/** primary.sqlite: createrepo_c, src/sqlite.c. */
export const primaryForm: DatabaseForm = {
  tables: `
    CREATE TABLE packages (pkgKey INTEGER PRIMARY KEY, pkgId TEXT, name TEXT, arch TEXT, version TEXT, epoch TEXT,
      release TEXT, summary TEXT, description TEXT, url TEXT, time_file INTEGER, time_build INTEGER, rpm_license TEXT,
      rpm_vendor TEXT, rpm_group TEXT, rpm_buildhost TEXT, rpm_sourcerpm TEXT, rpm_header_start INTEGER,
      rpm_header_end INTEGER, rpm_packager TEXT, size_package INTEGER, size_installed INTEGER, size_archive INTEGER,
      location_href TEXT, location_base TEXT, checksum_type TEXT);
    CREATE TABLE files (name TEXT, type TEXT, pkgKey INTEGER);
    ${lists.map(dependencyTable).join(';')};
    CREATE TRIGGER removals AFTER DELETE ON packages BEGIN
      ${['files', ...lists].map((table) => `DELETE FROM ${table} WHERE pkgKey = old.pkgKey;`).join(' ')}
    END`,
  indexes: `
    CREATE INDEX packagename ON packages (name);
    CREATE INDEX packageId ON packages (pkgId);
    CREATE INDEX filenames ON files (name);
    CREATE INDEX pkgfiles ON files (pkgKey);
    ${lists.map((table) => `CREATE INDEX pkg${table} ON ${table} (pkgKey)`).join(';')};
    CREATE INDEX requiresname ON requires (name);
    CREATE INDEX providesname ON provides (name)`,
  inserter,
}

function dependencyTable(table: DependencyKind): string {
  const pre = table === 'requires' ? ', pre BOOLEAN DEFAULT FALSE' : ''
  return `CREATE TABLE ${table} (name TEXT, flags TEXT, epoch TEXT, version TEXT, release TEXT, pkgKey INTEGER${pre})`
}

function inserter(database: DatabaseSync): (record: Buffer) => void {
  const packages = database.prepare(`INSERT INTO packages VALUES (?${', ?'.repeat(25)})`)
  const files = database.prepare('INSERT INTO files VALUES (?, ?, ?)')
  const inserters = lists.map((kind) => ({ kind, insert: dependencyInserter(database, kind) }))
  let key = 0
  return (record) => {
    const found = readPrimary(record)
    key++
    packages.run(key, ...packageRow(found))
    for (const { kind, insert } of inserters) for (const dependency of found.dependencies[kind]) insert(dependency, key)
    for (const { path, type } of found.files) if (isPrimaryFile(path)) files.run(path, type, key)
  }
}

/** Vendor and source package are never NULL, every other text that a package does not have is. */
function packageRow(found: PrimaryRecord): (string | number | null)[] {
  return [
    found.pkgid,
    found.name,
    found.arch,
    found.version,
    found.epoch,
    found.release,
    found.summary ?? null,
    found.description ?? null,
    found.url ?? null,
    found.fileTime,
    found.buildTime,
    found.license ?? null,
    found.vendor ?? '',
    found.group ?? null,
    found.buildHost ?? null,
    found.sourceRpm ?? '',
    found.headerStart,
    found.headerEnd,
    found.packager ?? null,
    found.packageSize,
    found.installedSize,
    found.archiveSize,
    found.href,
    found.base ?? null,
    found.checksumType === 'sha1' ? 'sha' : found.checksumType,
  ]
}

function dependencyInserter(database: DatabaseSync, kind: DependencyKind): (entry: Dependency, key: number) => void {
  if (kind === 'requires') {
    const statement = database.prepare('INSERT INTO requires VALUES (?, ?, ?, ?, ?, ?, ?)')
    return ({ name, flags = null, epoch = null, version = null, release = null, pre }, key) =>
      statement.run(name, flags, epoch, version, release, key, pre ? 'TRUE' : 'FALSE')
  }
  const statement = database.prepare(`INSERT INTO ${kind} VALUES (?, ?, ?, ?, ?, ?)`)
  return ({ name, flags = null, epoch = null, version = null, release = null }, key) =>
    statement.run(name, flags, epoch, version, release, key)
}
