import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { moveUpstream } from '../../faults/growing.ts'
import { runMirror } from '../../helpers/mirror.ts'
import { listing } from './listing.ts'
import { mirroredSite } from './mirroredSite.ts'

/** What a program of the third schema wrote; it is not to follow ours. */
const third = readFileSync(join(import.meta.dirname, 'schema3.sql'), 'utf8')

/** A site that was synced once, whose upstream has moved on since. */
async function published() {
  const mirrored = await mirroredSite({ retain: 0 })
  await moveUpstream(mirrored.dir, 0, 3)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await moveUpstream(mirrored.dir, 1, 3)
  const file = join(mirrored.site.state, 'mirror.db')
  // What is in the write-ahead log comes into the file, as at the end of every run that is not killed.
  new DatabaseSync(file).close()
  return { ...mirrored, file, before: await listing(mirrored.site.root) }
}

const rows = (file: string, sql: string) => {
  const database = new DatabaseSync(file)
  try {
    return database.prepare(sql).all()
  } finally {
    database.close()
  }
}

describe('C7: a database', () => {
  const moveAway =
    /^E_ROOT: Cannot open (\S+): .+; move it away to begin a new state \(the pool is kept and hashed again\)$/m
  const another =
    /^E_ROOT: (\S+) belongs to another state \(\S+ holds \S+\); name that state, or another root; if its database is lost: echo \S+ > \S+$/m
  const newer =
    /^E_STATE_VERSION: (\S+) has schema 99, this program reads \d+; use the version of mirror that wrote it, or a new state folder$/m

  test.for<[string, (file: string) => void, RegExp]>([
    ['that is cut off', (file) => truncateSync(file, 5000), moveAway],
    ['that is all zeros', (file) => writeFileSync(file, Buffer.alloc(readFileSync(file).length)), moveAway],
    ['of a newer schema', (file) => void rows(file, 'PRAGMA user_version = 99'), newer],
    ['that is empty', (file) => truncateSync(file, 0), another],
    ['that is deleted', (file) => rmSync(file), another],
  ])('%s is one line that says how to go on; nothing is published, removed or asked for', async ([, spoil, line]) => {
    await using site = await published()
    spoil(site.file)
    site.asked()
    for (const verb of [['sync'], ['gc', '--all']]) {
      const { status, stderr } = await runMirror([...verb, '-c', site.site.configFile])
      expect([status, stderr]).toEqual([expect.any(Number), expect.stringMatching(line)])
      expect(status).toBeGreaterThan(0)
      expect(stderr.trim().split('\n')).toHaveLength(1)
    }
    expect([site.asked(), await listing(site.site.root)]).toEqual([[], site.before])
  })

  test('that is lost can be begun anew, by what the line says: packages are not fetched again', async () => {
    await using site = await published()
    rmSync(site.file)
    const [, id, marker] = /echo (\S+) > (\S+)$/m.exec((await site.sync()).stderr) ?? []
    writeFileSync(marker as string, `${id}\n`)
    site.asked()
    expect(await site.sync()).toMatchObject({ status: 0 })
    const packages = site.asked().filter((path) => path.endsWith('.rpm'))
    expect(packages.filter((path) => path.includes('stays'))).toEqual([])
    expect((await site.check()).problems).toEqual([])
  })

  test('of an older schema is brought up to date: what it knew is served, verified and swept', async () => {
    await using site = await published()
    makeOld(site.file)
    expect(rows(site.file, 'PRAGMA user_version')).toEqual([{ user_version: 3 }])
    const { configFile } = site.site
    expect(await runMirror(['gc', '--all', '-c', configFile])).toMatchObject({ status: 0 })
    expect(await listing(site.site.root)).toEqual(site.before)
    expect(await runMirror(['verify', '-c', configFile])).toMatchObject({ status: 0 })
    expect(await site.sync()).toMatchObject({ status: 0 })
    expect((await site.check()).problems).toEqual([])
    expect(rows(site.file, 'SELECT number FROM generation')).toEqual([{ number: 2 }])
  })
})

/** Makes of a database one of the third schema with the same rows. */
function makeOld(file: string): void {
  const old = `${file}.old`
  const database = new DatabaseSync(old)
  database.exec(`${third}; ATTACH '${file}' AS ours`)
  const tables = database.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table'").all() as {
    name: string
  }[]
  for (const { name } of tables) {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(name) as { name: string }[]
    const all = columns.map((column) => column.name).join(', ')
    database.exec(`INSERT INTO main.${name} (${all}) SELECT ${all} FROM ours.${name}`)
  }
  database.close()
  for (const beside of ['', '-wal', '-shm']) rmSync(file + beside, { force: true })
  writeFileSync(file, readFileSync(old))
  rmSync(old)
}
