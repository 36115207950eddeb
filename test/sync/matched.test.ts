import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { matchedRecords } from '../../src/sync/matched.ts'
import { readTable, type Source, type SourceDocument } from '../../src/sync/source.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { makeTemporaryFolder, type TemporaryFolder } from '../helpers/temporary.ts'

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const packages = letters.map((name) => ({ name }))

describe.each(['same', 'reversed', 'shuffled'] as const)('filelists in the order %s', (order) => {
  test('gives the wanted records in primary’s order', async () => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, { order })
    expect(await namesIn(folder, source, [0, 1, 2, 3, 4, 5, 6, 7])).toEqual(letters)
    expect(await namesIn(folder, source, [1, 4, 7])).toEqual(['b', 'e', 'h'])
    expect(await namesIn(folder, source, [])).toEqual([])
  })

  test('gives each record’s own bytes', async () => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, { order })
    const { records } = await read(folder, { ...source, rows: Uint32Array.of(2) })
    const document = gunzipSync(readFileSync(source.documents.filelists!.file)).toString()
    expect(records[0]).toMatch(
      /^<package pkgid="[0-9a-f]{64}" name="c"[\s\S]*<file>\/usr\/bin\/c<\/file>\s*<\/package>$/,
    )
    expect(document).toContain(records[0])
  })
})

test('many records out of order come back right', async () => {
  await using folder = await makeTemporaryFolder()
  const many = Array.from({ length: 3000 }, (_, i) => ({ name: `package${i}`, size: 20 }))
  const source = await openSource(folder, many, { order: 'shuffled' })
  const rows = many.map((_, row) => row).filter((row) => row % 3 === 0)
  expect(await namesIn(folder, source, rows)).toEqual(rows.map((row) => `package${row}`))
})

describe('whether the document as it is holds just what is wanted', () => {
  test.each<[string, RepositoryOptions, number[], boolean]>([
    ['it does', {}, [0, 1, 2, 3, 4, 5, 6, 7], true],
    ['not where less is wanted', {}, [0, 1, 2], false],
    ['not where its order is another', { order: 'reversed' }, [0, 1, 2, 3, 4, 5, 6, 7], false],
    ['not where dnf could not read it', { style: 'prefixed' }, [0, 1, 2, 3, 4, 5, 6, 7], false],
    ['not where there is none', { omit: ['filelists'] }, [0, 1, 2, 3, 4, 5, 6, 7], false],
  ])('%s', async (_, options, rows, expected) => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, options)
    expect((await read(folder, { ...source, rows: Uint32Array.from(rows) })).isWhole).toBe(expected)
  })
})

test('a document that is not there is made up from primary', async () => {
  await using folder = await makeTemporaryFolder()
  const specs = [{ name: 'a' }, { name: 'b&c', epoch: '1', version: '2', release: '3', arch: 'noarch' }]
  const source = await openSource(folder, specs, { omit: ['filelists'] })
  const { records } = await read(folder, { ...source, rows: Uint32Array.of(1) })
  expect(records).toEqual([
    `<package pkgid="${source.table.pkgid(1)}" name="b&amp;c" arch="noarch">\n  <version epoch="1" ver="2" rel="3"/>\n</package>`,
  ])
})

describe('a document that does not fit primary is an error', () => {
  test.each([
    ['in order', 'same'],
    ['out of order', 'reversed'],
  ] as const)('where a wanted package is missing, %s', async (_, order) => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, { order, omitFromFilelists: ['d'] })
    const message = 'no record of d-1.0-1.x86_64, which primary lists'
    const all = Uint32Array.from(packages.keys())
    await expect(read(folder, { ...source, rows: all })).rejects.toMatchObject({ code: 'E_MISMATCH', message })
    expect(existsSync(spillIn(folder))).toBe(false)
  })

  test('but not where the one that is missing is not wanted', async () => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, { omitFromFilelists: ['d'] })
    expect(await namesIn(folder, source, [0, 1, 4, 7])).toEqual(['a', 'b', 'e', 'h'])
  })

  test.each([
    ['in order', 'same'],
    ['out of order', 'reversed'],
  ] as const)('where its head says another number of packages, %s', async (_, order) => {
    await using folder = await makeTemporaryFolder()
    const source = await openSource(folder, packages, { order, packagesCount: { filelists: 9 } })
    const message = 'packages="9" expected, found 8 records'
    await expect(read(folder, source)).rejects.toMatchObject({ code: 'E_MISMATCH', message })
    expect(existsSync(spillIn(folder))).toBe(false)
  })
})

test('records of packages that primary does not list are passed over', async () => {
  await using folder = await makeTemporaryFolder()
  const source = await openSource(folder, packages)
  await using less = await makeTemporaryFolder()
  const fewer = await openSource(less, packages.slice(0, 4))
  const documents = { ...fewer.documents, filelists: source.documents.filelists! }
  expect(await namesIn(folder, { ...fewer, documents }, [0, 2])).toEqual(['a', 'c'])
})

test('the spill file goes when nobody wants the rest', async () => {
  await using folder = await makeTemporaryFolder()
  const source = await openSource(folder, packages, { order: 'reversed' })
  const batches = matchedRecords('filelists', source, spillIn(folder))
  for (let batch = await batches.next(); batch.done !== true && !existsSync(spillIn(folder)); )
    batch = await batches.next()
  expect(existsSync(spillIn(folder))).toBe(true)
  await batches.return(false)
  expect(existsSync(spillIn(folder))).toBe(false)
})

/** A repository's documents as a source that wants all of its packages. */
async function openSource(
  folder: TemporaryFolder,
  specs: PackageSpec[],
  options: RepositoryOptions = {},
): Promise<Source> {
  const dir = join(folder.path, 'repository')
  await makeRepository(dir, specs, options)
  const repomd = parseRepomd(await buffer(createReadStream(join(dir, 'repodata/repomd.xml'))))
  const documents = Object.fromEntries(
    repomd.records.map((record): [string, SourceDocument] => {
      const content = { sha256: record.checksum.hex, size: record.size as number, digest: record.checksum }
      return [record.type, { file: join(dir, record.href), content, record }]
    }),
  )
  const read = await readTable(documents.primary as SourceDocument)
  return { documents, ...read, rows: Uint32Array.from(specs.keys()) }
}

async function namesIn(folder: TemporaryFolder, source: Source, rows: number[]): Promise<string[]> {
  const { records } = await read(folder, { ...source, rows: Uint32Array.from(rows) })
  return records.map((record) => / name="([^"]+)"/.exec(record)?.[1] ?? record)
}

/** The records as texts, copied before the next batch is asked for. */
async function read(folder: TemporaryFolder, source: Source): Promise<{ records: string[]; isWhole: boolean }> {
  const batches = matchedRecords('filelists', source, spillIn(folder))
  const records: string[] = []
  for (;;) {
    const { value, done } = await batches.next()
    if (done === true) {
      expect(existsSync(spillIn(folder))).toBe(false)
      return { records, isWhole: value }
    }
    records.push(...value.map((record) => record.toString()))
  }
}

function spillIn(folder: TemporaryFolder): string {
  return join(folder.path, 'spill')
}
