import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import type { Element } from './checker/xml.ts'
import { compareMetadata, unaccepted } from './compareMetadata.ts'
import { judge } from './judges.ts'
import { runCreaterepoC } from './metadata/createrepo.ts'
import { databaseDifferences } from './metadata/databases.ts'
import { packageDifferences } from './metadata/packages.ts'
import { child, readRepository, readTree } from './metadata/repository.ts'
import { ghost, modes, type RpmSpec, sense, writeRpm } from './rpmfile.ts'
import { makeTemporaryFolder, type TemporaryFolder } from './temporary.ts'

const some: RpmSpec = {
  name: 'some',
  summary: 'Grüße & <more>',
  vendor: 'V',
  packager: 'P',
  url: 'http://example.org/',
  provides: ['one', ['two', sense.equal, '1:2-3']],
  requires: [['pre', sense.scriptPre, ''], 'other'],
  conflicts: ['c'],
  obsoletes: [['o', sense.less, '1']],
  suggests: ['s'],
  enhances: ['e'],
  recommends: ['r'],
  supplements: ['u'],
  files: [{ path: '/etc/à' }, { path: '/etc/d', mode: modes.directory }, { path: '/usr/share/g', flags: ghost }],
  changelog: [
    [1_600_000_000, 'A <a@b> 2-1', '- newer'],
    [1_500_000_000, 'A <a@b> 1-1', '- older'],
  ],
}

/** A repository by createrepo_c. */
async function makeReal(): Promise<TemporaryFolder> {
  const folder = await makeTemporaryFolder()
  await writeRpm(folder.path, 'some.rpm', some)
  await writeRpm(folder.path, 'more/more.rpm', { ...some, name: 'more', version: '3' })
  const args = ['--database', '--general-compress-type', 'gz', '--revision', '7', '--distro', 'cpe:/o,D', folder.path]
  const { status, stderr } = runCreaterepoC(args)
  if (status !== 0) throw new Error(stderr)
  return folder
}

const types = ['primary', 'filelists', 'other']

describe.skipIf(!judge('createrepo_c'))('what createrepo_c wrote', () => {
  test('does not differ from itself, nor from the same in other words', async () => {
    await using real = await makeReal()
    expect(compareMetadata(real.path, real.path)).toEqual([])
    for (const type of types) {
      const document = documentOf(real.path, type)
      const reworded = document
        .toString()
        .replaceAll('à', '&#xE0;')
        .replaceAll(/<(\w+) (\w+="[^"]*") (\w+="[^"]*")/g, '<$1  $3 $2')
        .replaceAll(/>\s+</g, '><')
        .replace('?>', '?><!-- other words -->')
        .replaceAll('\n', '\r\n')
      expect(packageDifferences(type, Buffer.from(reworded), document), type).toEqual([])
    }
  })

  test.each(types)('differs in one line for each value of %s that is changed, and that line names it', async (type) => {
    await using real = await makeReal()
    const document = documentOf(real.path, type)
    const changes = changesOf(readTree(document), '')
    expect(changes.length).toBeGreaterThan(type === 'primary' ? 120 : 20)
    for (const { path, make } of changes) {
      const [line, ...more] = packageDifferences(type, Buffer.from(write(make(readTree(document)))), document)
      // Among several of a kind the line tells which.
      expect(line?.replaceAll(/\[\d+\]/g, ''), path).toContain(path)
      // A wrong count is wrong in itself, too.
      expect(more, path).toHaveLength(path === '@packages' ? 1 : 0)
    }
  })

  test.each(types)('differs for each element of %s that is removed, doubled or moved', async (type) => {
    await using real = await makeReal()
    const document = documentOf(real.path, type)
    for (const { path, make } of rearrangements(readTree(document), '')) {
      const lines = packageDifferences(type, Buffer.from(write(make(readTree(document)))), document)
      expect(lines, path).not.toEqual([])
      expect(
        lines.every((line) => line.includes(type)),
        path,
      ).toBe(true)
    }
  })

  test.each([
    ['a revision', '<revision>7<', '<revision>8<', ['repomd/revision: ours "8", theirs "7"']],
    ['a tag', '>D<', '>E<', ['repomd/tags/distro: ours "E", theirs "D"']],
    ['an attribute', 'cpeid="cpe:/o"', 'cpeid="x"', ['repomd/tags/distro@cpeid: ours "x", theirs "cpe:/o"']],
    ['a namespace', '/metadata/rpm"', '/m"', ['repomd@xmlns:rpm: ours "http://linux.duke.edu/m", theirs']],
    ['a version', 'version>10<', 'version>9<', ['repomd: primary_db/database_version: ours "9", theirs "10"']],
    ['a type', 'type="other"', 'type="others"', ['repomd: only ours: others', 'repomd: only theirs: other']],
    ['an order', /<open-checksum.*?>\s*(<location.*?>)/s, '$1', ['repomd: primary: only theirs: <open-checksum']],
    ['a size', /<size>\d+/, '<size>1', ['ours: primary: size says 1, the file']],
    ['an open size', /<open-size>\d+/, '<open-size>1', ['ours: primary: open-size says 1, the file']],
    ['a time', /<timestamp>\d+/, '<timestamp>1', ['ours: primary: timestamp says 1, the file']],
    [
      'a checksum',
      /(<checksum[^>]*>)\w{8}/,
      '$100000000',
      ['ours: primary: checksum says', 'ours: primary: name says'],
    ],
    ['an open checksum', /(<open-checksum[^>]*>)\w{8}/, '$100000000', ['ours: primary: open-checksum says']],
    [
      'a place',
      '-primary.xml',
      '-primar.xml',
      ['repomd: primary/location@href', 'repodata: only ours', 'cannot be read'],
    ],
  ])('differs in repomd.xml by %s', async (_, from, to, expected) => {
    await using real = await makeReal()
    await using changed = await copyOf(real)
    const file = join(changed.path, 'repodata/repomd.xml')
    const before = readFileSync(file, 'utf8')
    const after = before.replace(from, to)
    expect(after).not.toBe(before)
    writeFileSync(file, after)
    const lines = compareMetadata(changed.path, real.path)
    for (const part of expected) expect(lines.join('\n')).toContain(part)
    // The checksum of the XML is that of db_info, too.
    const own = lines.filter((line) => !line.includes('db_info'))
    expect(own).toHaveLength(expected.length)
  })

  test('differs by a stray file, and by a carried document', async () => {
    await using real = await makeReal()
    await using changed = await copyOf(real)
    writeFileSync(join(changed.path, 'repodata/repomd.xml.asc'), '')
    expect(compareMetadata(changed.path, real.path)).toEqual(['repodata: only ours, not in repomd.xml: repomd.xml.asc'])
    expect(compareMetadata(real.path, changed.path)).toEqual([
      'repodata: only theirs, not in repomd.xml: repomd.xml.asc',
    ])
  })

  test('differs for each column of the databases that is changed, each row that goes, each index that is not there', async () => {
    await using real = await makeReal()
    for (const type of types) {
      const file = documentOf(real.path, `${type}_db`)
      const xmlChecksum = checksumOf(real.path, type)
      const statements = sqlChanges(file)
      expect(statements.length).toBeGreaterThan(type === 'primary' ? 80 : 12)
      for (const sql of statements) {
        const changed = { file: changeDatabase(file, sql), xmlChecksum }
        const lines = databaseDifferences(`${type}_db`, changed, { file, xmlChecksum })
        expect(lines, sql).not.toEqual([])
        expect(lines.join('\n'), sql).toContain(/ SET (name|version|pre|date) /.exec(sql)?.[1] ?? `${type}_db`)
      }
    }
  })
})

test('what is accepted is taken away for the versions that it is accepted for, and nothing else', () => {
  const list = [{ reason: 'so it is', matches: /^a: /, versions: /^0\./ }]
  expect(unaccepted(['a: 1', 'b: 1'], '0.17.3', list)).toEqual(['b: 1'])
  expect(unaccepted(['a: 1', 'b: 1'], '1.2.1', list)).toEqual(['a: 1', 'b: 1'])
})

type Change = { path: string; make: (root: Element) => Element }

/** One change for each attribute and each text of an element and those in it. */
function changesOf(element: Element, inPath: string, at: number[] = []): Change[] {
  const change = (path: string, apply: (element: Element) => void): Change => ({
    path,
    make: (root) => {
      apply(follow(root, at))
      return root
    },
  })
  const path = at.length === 0 ? '' : inPath
  return [
    ...Object.keys(element.attributes).map((name) =>
      change(`${path}@${name}`, (found) => (found.attributes[name] = `${found.attributes[name]}9`)),
    ),
    ...(at.length === 0 ? [] : [change(path, (found) => (found.text = `${found.text}9`))]),
    ...element.children.flatMap((item, i) => changesOf(item, at.length === 0 ? '' : `/${item.name}`, [...at, i])),
  ]
}

/** Without each element, with it twice, and with it behind the next one of another kind. */
function rearrangements(element: Element, inPath: string, at: number[] = []): Change[] {
  return element.children.flatMap((item, i) => {
    const path = `${inPath}/${item.name}[${i}]`
    const edit = (what: string, apply: (list: Element[]) => void): Change => ({
      path: `${what} ${path}`,
      make: (root) => {
        apply(follow(root, at).children)
        return root
      },
    })
    const last = i === element.children.length - 1
    return [
      edit('without', (list) => list.splice(i, 1)),
      edit('twice', (list) => list.splice(i, 0, list[i]!)),
      ...(last ? [] : [edit('moved', (list) => list.splice(i, 2, list[i + 1]!, list[i]!))]),
      ...rearrangements(item, path, [...at, i]),
    ]
  })
}

function follow(root: Element, at: number[]): Element {
  return at.reduce((element, i) => element.children[i]!, root)
}

function write({ name, attributes, text, children }: Element): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`)
  return `<${name}${pairs.join('')}>${escaped(text)}${children.map(write).join('')}</${name}>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

function documentOf(folder: string, type: string): Buffer {
  return readRepository(folder).records.find((record) => record.type === type)!.document!
}

function checksumOf(folder: string, type: string): string {
  const { element } = readRepository(folder).records.find((record) => record.type === type)!
  return child(element, 'checksum')!.text
}

async function copyOf(real: TemporaryFolder): Promise<TemporaryFolder> {
  const folder = await makeTemporaryFolder()
  cpSync(real.path, folder.path, { recursive: true, preserveTimestamps: true })
  return folder
}

/** Statements that change one column of one row, remove one row, or drop one index or trigger. */
function sqlChanges(file: Buffer): string[] {
  using scratch = openDatabase(file)
  const all = (sql: string) => scratch.database.prepare(sql).all() as Record<string, string>[]
  const master = all('SELECT type, name FROM sqlite_master WHERE sql IS NOT NULL')
  const tables = master.filter(({ type }) => type === 'table').map(({ name }) => name!)
  const filled = tables.filter((table) => all(`SELECT 1 FROM ${table}`).length > 0)
  return [
    ...filled.flatMap((table) =>
      all(`SELECT name FROM pragma_table_info('${table}')`).map(
        ({ name }) => `UPDATE ${table} SET ${name} = ${name === 'pkgKey' ? 77 : "'9'"} WHERE rowid = 1`,
      ),
    ),
    ...filled.map((table) => `DELETE FROM ${table} WHERE rowid = 1`),
    ...master.filter(({ type }) => type !== 'table').map(({ type, name }) => `DROP ${type} ${name}`),
  ]
}

function changeDatabase(file: Buffer, sql: string): Buffer {
  using scratch = openDatabase(file)
  scratch.database.exec(sql)
  return readFileSync(scratch.path)
}

function openDatabase(file: Buffer): Disposable & { database: DatabaseSync; path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-test-'))
  const path = join(folder, 'db')
  writeFileSync(path, file)
  const database = new DatabaseSync(path)
  database.exec('PRAGMA synchronous = OFF')
  return {
    path,
    database,
    [Symbol.dispose]: () => {
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
