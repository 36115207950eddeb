import { randomUUID } from 'node:crypto'
import { accessSync, constants, existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { isSystemError, MirrorError } from '../errors.ts'

export type Database = DatabaseSync

/** The schema's number. Older ones are brought up to it by `upgrades`, newer ones are another version's state. */
const schemaVersion = 8

const member = `
  CREATE TABLE member (
    repo INTEGER NOT NULL REFERENCES repo,
    path TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER,
    kind TEXT NOT NULL CHECK (kind IN ('package', 'metadata', 'tree', 'extra')),
    sha256 BLOB NOT NULL,
    dropped INTEGER,
    PRIMARY KEY (repo, path, first)
  ) STRICT, WITHOUT ROWID`

const seen = `
  CREATE TABLE seen (
    repo INTEGER NOT NULL REFERENCES repo,
    nevra TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (repo, nevra)
  ) STRICT, WITHOUT ROWID`

/** What generations come from that no sync has made, which repos stay at theirs, and the named sets of them. */
const lifecycle = `
  CREATE TABLE origin (
    repo INTEGER NOT NULL REFERENCES repo,
    generation INTEGER NOT NULL,
    verb TEXT NOT NULL CHECK (verb IN ('promote', 'rollback', 'snapshot')),
    source TEXT NOT NULL,
    source_generation INTEGER NOT NULL,
    by TEXT NOT NULL,
    at INTEGER NOT NULL,
    gates TEXT NOT NULL,
    PRIMARY KEY (repo, generation)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hold (
    repo INTEGER PRIMARY KEY REFERENCES repo, generation INTEGER NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE snapshot (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('making', 'made', 'dropping')),
    by TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`

/** What was last taken from each upstream, and the keys that it signs with as they were last fetched. */
const trust = `
  CREATE TABLE accepted (
    repo INTEGER NOT NULL REFERENCES repo,
    upstream TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    revision TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (repo, upstream)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE gpgkey (
    repo INTEGER NOT NULL REFERENCES repo,
    url TEXT NOT NULL,
    bytes BLOB NOT NULL,
    validators TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (repo, url)
  ) STRICT, WITHOUT ROWID`

const mirror = `
  CREATE TABLE mirror (
    place TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    rate REAL,
    bad_until INTEGER,
    why TEXT
  ) STRICT, WITHOUT ROWID`

/** How long connections to hosts took to open, in milliseconds; null where there was none. */
const connectTime = `
  CREATE TABLE connect_time (
    origin TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    ms REAL
  ) STRICT, WITHOUT ROWID`

/** Packages whose signatures were found good, and by which keys and on what terms. */
const checked = `
  CREATE TABLE checked (
    sha256 BLOB NOT NULL,
    terms BLOB NOT NULL,
    PRIMARY KEY (sha256, terms)
  ) STRICT, WITHOUT ROWID`

/**
 * A generation is one publication of a repo; a member is a file's part in a repo from its first to its last
 * generation (open: `last` is null). Times are milliseconds since the epoch, digests 32 raw bytes of sha256.
 */
const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE repo (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
  CREATE TABLE generation (
    repo INTEGER NOT NULL REFERENCES repo,
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('prepared', 'published')),
    repomd BLOB NOT NULL,
    revision TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    created INTEGER NOT NULL,
    superseded INTEGER,
    packages INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    upstream_packages INTEGER NOT NULL,
    trust TEXT NOT NULL,
    overrides TEXT,
    chain TEXT,
    PRIMARY KEY (repo, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE content (sha256 BLOB PRIMARY KEY, size INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE alias (digest TEXT PRIMARY KEY, sha256 BLOB NOT NULL) STRICT, WITHOUT ROWID;
  ${member};
  CREATE TABLE look (
    repo INTEGER PRIMARY KEY REFERENCES repo,
    at INTEGER NOT NULL,
    settings TEXT NOT NULL,
    repomd TEXT NOT NULL,
    validators TEXT NOT NULL,
    until INTEGER,
    files TEXT NOT NULL DEFAULT '{}'
  ) STRICT;
  CREATE TABLE run (
    repo INTEGER NOT NULL REFERENCES repo,
    at INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    result TEXT NOT NULL,
    message TEXT,
    added INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (repo, at)
  ) STRICT, WITHOUT ROWID;
  ${seen};
  ${lifecycle};
  ${trust};
  ${mirror};
  ${checked};
  ${connectTime};
`

/** What makes of each older schema the next one: SQLite cannot change a CHECK, so that its table is made anew. */
const upgrades: Record<number, string> = {
  1: `
    ALTER TABLE look ADD COLUMN files TEXT NOT NULL DEFAULT '{}';
    ALTER TABLE member RENAME TO narrow;
    ${member};
    INSERT INTO member SELECT repo, path, first, last, kind, sha256, dropped FROM narrow;
    DROP TABLE narrow`,
  2: seen,
  3: lifecycle,
  4: `ALTER TABLE generation ADD COLUMN chain TEXT; ${trust}`,
  5: mirror,
  6: checked,
  7: connectTime,
}

/** Opens (and makes, or brings up to this version) the state's database for writing. @throws E_STATE_VERSION, E_ROOT for a damaged file */
export function openDatabase(file: string): Database {
  return opened(file, () => {
    const database = new DatabaseSync(file, { timeout: 60_000 })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    transaction(database, () => {
      if (userVersion(database) !== 0 || hasTables(database)) return upgrade(database)
      database.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`)
      setMeta(database, 'id', randomUUID())
    })
    return database
  }) as Database
}

function upgrade(database: Database): void {
  for (let version = userVersion(database); upgrades[version] !== undefined; version++)
    database.exec(`${upgrades[version]}; PRAGMA user_version = ${version + 1}`)
}

/** Opens the state's database for looking only; undefined where there is none yet, or whoever makes it has not filled it. */
export function openDatabaseReadOnly(file: string): Database | undefined {
  if (!existsSync(file)) return undefined
  return opened(file, () => new DatabaseSync(file, { readOnly: true, timeout: 10_000 }))
}

/** The database if it is of a version that is read here, undefined if it is empty. An older one has what is only looked at. */
function opened(file: string, open: () => Database): Database | undefined {
  try {
    const database = open()
    const version = userVersion(database)
    if (version === schemaVersion || upgrades[version] !== undefined) return database
    const isEmpty = version === 0 && !hasTables(database)
    database.close()
    if (isEmpty) return undefined
    const message = `${file} has schema ${version}, this program reads ${schemaVersion}`
    throw new MirrorError(
      'E_STATE_VERSION',
      `${message}; use the version of mirror that wrote it, or a new state folder`,
    )
  } catch (cause) {
    if (cause instanceof MirrorError) throw cause
    const reason = (cause as Error).message
    throw new MirrorError('E_ROOT', `Cannot open ${file}: ${reason}; ${adviceOn(cause, file)}`, { cause })
  }
}

/** Reading a database in WAL mode takes part in its locking, and that writes beside it: READONLY and CANTOPEN are a stranger's. */
function adviceOn(error: unknown, file: string): string {
  const result = ((error as { errcode?: number }).errcode ?? 0) & 0xff
  if ((result === 8 || result === 14) && isReadOnly(dirname(file)))
    return 'its file system is read-only: see the kernel log (dmesg) for why, and mount it for writing'
  if (result === 8 || result === 14) return `run as root or as the user who owns ${dirname(file)}`
  return 'move it away to begin a new state (the pool is kept and hashed again)'
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return false
  } catch (error) {
    return isSystemError(error, 'EROFS')
  }
}

function userVersion(database: Database): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version)
}

function hasTables(database: Database): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table'").get() !== undefined
}

/** Runs the steps as one transaction: all of them are in the file afterwards, or none. */
export function transaction<T>(database: Database, steps: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = steps()
    database.exec('COMMIT')
    return result
  } catch (error) {
    // A full disk has ended it already.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

export function getMeta(database: Database, key: string): string | undefined {
  return database.prepare('SELECT value FROM meta WHERE key = ?').get(key)?.value as string | undefined
}

export function setMeta(database: Database, key: string, value: string): void {
  database.prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value').run(key, value)
}
