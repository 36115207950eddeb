import { openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { lastAccepted } from '../../src/store/accepted.ts'
import { getMeta, openDatabase, openDatabaseReadOnly, setMeta, transaction } from '../../src/store/database.ts'
import { currentGeneration } from '../../src/store/generations.ts'
import { readLook } from '../../src/store/looks.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const fileIn = (folder: TemporaryFolder) => `${folder.path}/mirror.db`

describe('a database for writing', () => {
  test('is made where there is none, with an id of its own that stays', async () => {
    await using folder = await makeTemporaryFolder()
    const id = opened(folder, (database) => getMeta(database, 'id'))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
    expect(opened(folder, (database) => getMeta(database, 'id'))).toBe(id)
  })

  test('is made in an empty file, as a kill may leave one', async () => {
    await using folder = await makeTemporaryFolder()
    writeFileSync(fileIn(folder), '')
    expect(opened(folder, (database) => getMeta(database, 'id'))).toBeDefined()
  })

  test('survives a kill and a power cut: a write-ahead log, synchronized at every commit', async () => {
    await using folder = await makeTemporaryFolder()
    const pragma = (name: string) => opened(folder, (database) => database.prepare(`PRAGMA ${name}`).get())
    expect([pragma('journal_mode'), pragma('synchronous')]).toEqual([{ journal_mode: 'wal' }, { synchronous: 2 }])
  })

  test('a transaction that throws leaves nothing behind, and the next one works', async () => {
    await using folder = await makeTemporaryFolder()
    opened(folder, (database) => {
      const failing = () =>
        transaction(database, () => {
          setMeta(database, 'a', '1')
          throw new Error('in the middle')
        })
      expect(failing).toThrow('in the middle')
      expect(getMeta(database, 'a')).toBeUndefined()
      expect(transaction(database, () => setMeta(database, 'a', '2'))).toBeUndefined()
      expect(getMeta(database, 'a')).toBe('2')
    })
  })
})

describe('a database of the first schema', () => {
  /** What stands here is what that version wrote; it is not to follow the program. */
  const first = `
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE repo (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
    CREATE TABLE member (
      repo INTEGER NOT NULL REFERENCES repo, path TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER,
      kind TEXT NOT NULL CHECK (kind IN ('package', 'metadata')), sha256 BLOB NOT NULL, dropped INTEGER,
      PRIMARY KEY (repo, path, first)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE look (
      repo INTEGER PRIMARY KEY REFERENCES repo, at INTEGER NOT NULL, settings TEXT NOT NULL, repomd TEXT NOT NULL,
      validators TEXT NOT NULL, until INTEGER
    ) STRICT;
    CREATE TABLE generation (
      repo INTEGER NOT NULL REFERENCES repo, number INTEGER NOT NULL, state TEXT NOT NULL, repomd BLOB NOT NULL,
      revision TEXT NOT NULL, timestamp INTEGER NOT NULL, created INTEGER NOT NULL, superseded INTEGER,
      packages INTEGER NOT NULL, bytes INTEGER NOT NULL, upstream_packages INTEGER NOT NULL, trust TEXT NOT NULL,
      overrides TEXT, PRIMARY KEY (repo, number)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO repo VALUES (1, 'a', 'a');
    INSERT INTO generation VALUES (1, 3, 'published', x'00', '7', 7, 7, NULL, 1, 1, 1, 'TLS', NULL);
    INSERT INTO member VALUES (1, 'a.rpm', 1, 1, 'package', x'00', NULL), (1, 'a.rpm', 3, NULL, 'package', x'01', 5);
    INSERT INTO look VALUES (1, 7, 's', 'r', '{}', NULL);
    PRAGMA user_version = 1`

  test('is looked at as it is, and brought up to date by whoever writes: nothing of it is lost', async () => {
    await using folder = await makeTemporaryFolder()
    const old = new DatabaseSync(fileIn(folder))
    old.exec(first)
    old.close()
    const rows = (database: DatabaseSync) => database.prepare('SELECT * FROM member ORDER BY first').all()
    const reader = openDatabaseReadOnly(fileIn(folder))!
    const before = rows(reader)
    reader.close()
    expect(before).toHaveLength(2)
    opened(folder, (database) => {
      expect(rows(database)).toEqual(before)
      expect(currentGeneration(database, 1)).toMatchObject({ number: 3, trust: 'TLS' })
      expect(lastAccepted(database, 1, 'http://h/')).toBeUndefined()
      expect(readLook(database, 1)).toEqual({ settings: 's', repomd: 'r', validators: {}, until: undefined, files: {} })
      database.exec("INSERT INTO member VALUES (1, '.treeinfo', 3, NULL, 'tree', x'02', NULL)")
      database.exec("INSERT INTO seen VALUES (1, 'a-1-1.noarch', 5)")
    })
    opened(folder, (database) => expect(rows(database)).toHaveLength(3))
  })
})

describe.each([
  ['for writing', openDatabase],
  ['for reading', openDatabaseReadOnly],
])('a database opened %s', (_, open) => {
  test('of another version is refused with both numbers and what to do', async () => {
    await using folder = await makeTemporaryFolder()
    opened(folder, (database) => database.exec('PRAGMA user_version = 99'))
    expect(() => open(fileIn(folder))).toThrow(
      expect.objectContaining({
        code: 'E_STATE_VERSION',
        message: `${fileIn(folder)} has schema 99, this program reads 8; use the version of mirror that wrote it, or a new state folder`,
      }),
    )
  })

  test('that is some other program’s is refused and left alone', async () => {
    await using folder = await makeTemporaryFolder()
    const other = new DatabaseSync(fileIn(folder))
    other.exec('CREATE TABLE theirs (a)')
    expect(() => open(fileIn(folder))).toThrow(expect.objectContaining({ code: 'E_STATE_VERSION' }))
    expect(other.prepare('SELECT name FROM sqlite_schema').all()).toEqual([{ name: 'theirs' }])
    other.close()
  })

  test.each([
    ['that is no database', (file: string) => writeFileSync(file, 'x'.repeat(5000))],
    ['whose end is missing', (file: string) => truncateSync(file, 5000)],
    ['whose first page is overwritten', (file: string) => writeSync(openSync(file, 'r+'), Buffer.alloc(4096, 0xff))],
  ])('%s is refused in one line that says how to go on', async (_, spoil) => {
    await using folder = await makeTemporaryFolder()
    opened(folder, () => {})
    spoil(fileIn(folder))
    const advice = 'move it away to begin a new state \\(the pool is kept and hashed again\\)'
    const message = expect.stringMatching(new RegExp(`^Cannot open ${fileIn(folder)}: .+; ${advice}$`))
    expect(() => open(fileIn(folder))).toThrow(expect.objectContaining({ code: 'E_ROOT', message }))
  })
})

describe('a database for reading', () => {
  test('is undefined where there is none, and is not made', async () => {
    await using folder = await makeTemporaryFolder()
    expect(openDatabaseReadOnly(fileIn(folder))).toBeUndefined()
    expect(openDatabaseReadOnly(fileIn(folder))).toBeUndefined()
  })

  test('is undefined while its maker has not filled it yet', async () => {
    await using folder = await makeTemporaryFolder()
    writeFileSync(fileIn(folder), '')
    expect(openDatabaseReadOnly(fileIn(folder))).toBeUndefined()
    const maker = new DatabaseSync(fileIn(folder))
    maker.exec('PRAGMA journal_mode = WAL')
    expect(openDatabaseReadOnly(fileIn(folder))).toBeUndefined()
    maker.close()
  })

  test('cannot be written', async () => {
    await using folder = await makeTemporaryFolder()
    opened(folder, () => {})
    const database = openDatabaseReadOnly(fileIn(folder))!
    expect(() => setMeta(database, 'a', '1')).toThrow('attempt to write a readonly database')
    database.close()
  })

  test('shows the last commit while another connection writes', async () => {
    await using folder = await makeTemporaryFolder()
    opened(folder, (writer) => {
      setMeta(writer, 'a', 'before')
      writer.exec('BEGIN IMMEDIATE')
      setMeta(writer, 'a', 'after')
      const reader = openDatabaseReadOnly(fileIn(folder))!
      expect(getMeta(reader, 'a')).toBe('before')
      writer.exec('COMMIT')
      expect(getMeta(reader, 'a')).toBe('after')
      reader.close()
    })
  })
})

function opened<T>(folder: TemporaryFolder, steps: (database: DatabaseSync) => T): T {
  const database = openDatabase(fileIn(folder))
  try {
    return steps(database)
  } finally {
    database.close()
  }
}
