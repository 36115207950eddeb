import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { filesOf, type Making, makeMaking, named, touch } from './making.ts'

describe('an update', () => {
  test('of nothing changed publishes nothing, with and without its remembered listing', async () => {
    await using making = await makeMaking(named('a', 'b', 'c'))
    await making.run()
    const before = shown(making)
    expect(await making.run({ update: true })).toEqual({ packages: 3, read: 0, leftOut: 0, changed: false })
    expect(await making.run({ update: true })).toEqual({ packages: 3, read: 0, leftOut: 0, changed: false })
    rmSync(join(making.packages, 'repodata/.listing'))
    expect(await making.run({ update: true })).toEqual({ packages: 3, read: 0, leftOut: 0, changed: false })
    expect(shown(making)).toEqual(before)
  })

  test('reads what is new, changed or back, and drops what is gone', async () => {
    await using making = await makeMaking(named('a', 'b', 'c', 'd'))
    await making.run()
    touch(join(making.packages, 'b.rpm'))
    rmSync(join(making.packages, 'c.rpm'))
    await making.add('e.rpm', { name: 'e' })
    expect(await making.run({ update: true })).toEqual({ packages: 4, read: 2, leftOut: 0, changed: true })
    expect(await making.hrefs()).toEqual(['a.rpm', 'b.rpm', 'd.rpm', 'e.rpm'])
    expect(await making.open('primary')).toContain('<time file="1700000000"')
  })

  test('comes to the same as making it anew', async () => {
    await using making = await makeMaking({
      ...named('a', 'b', 'd'),
      'x/c.rpm': { name: 'c', changelog: [[1, 'me', 'x']] },
    })
    await making.run()
    await making.add('c.rpm', { name: 'c', version: '2' })
    await making.run({ update: true })
    const updated = await allOf(making)
    await making.run()
    expect(await allOf(making)).toEqual(updated)
  })

  test.each([
    [
      'a size that changed',
      (file: string) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.alloc(1)])),
    ],
    ['a second that changed', touch],
  ])('reads a file again for %s', async (_what, change) => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    change(join(making.packages, 'a.rpm'))
    const { packages, read, leftOut } = await making.run({ update: true })
    expect([packages + leftOut, read + leftOut]).toEqual([2, 1])
  })

  test('with --skip-stat takes the name for the file', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    touch(join(making.packages, 'a.rpm'))
    expect(await making.run({ update: true, skipStat: true })).toMatchObject({ read: 0, changed: false })
  })

  test('with another checksum reads everything', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    expect(await making.run({ update: true, checksum: 'sha512' })).toMatchObject({ read: 2, changed: true })
    expect(await making.open('primary')).toMatch(/<checksum type="sha512" pkgid="YES">[0-9a-f]{128}</)
  })

  test('writes old records with new locations, a base of their own stays unless another is given', async () => {
    await using making = await makeMaking({ 'x/a.rpm': { name: 'a' } })
    await making.run({ baseurl: 'http://one/' })
    expect(await making.run({ update: true })).toMatchObject({ read: 0 })
    expect(await making.open('primary')).toContain('<location xml:base="http://one/" href="x/a.rpm"/>')
    expect(await making.run({ update: true, baseurl: '/srv/two' })).toMatchObject({ read: 0, changed: true })
    expect(await making.open('primary')).toContain('<location xml:base="file:///srv/two" href="x/a.rpm"/>')
  })

  test('takes records from other metadata, too', async () => {
    await using making = await makeMaking(named('a', 'b', 'c'))
    const other = join(making.packages, '../other')
    mkdirSync(other)
    await making.run({ outputdir: other, excludes: ['c.rpm'] })
    expect(await making.run({ update: true, updateMdPath: [other] })).toMatchObject({ packages: 3, read: 1 })
    expect(await making.hrefs()).toEqual(['a.rpm', 'b.rpm', 'c.rpm'])
  })

  test('with --recycle-pkglist knows only the packages that were listed', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    await making.add('c.rpm', { name: 'c' })
    expect(await making.run({ update: true, recyclePkglist: true })).toMatchObject({ packages: 2, read: 0 })
  })

  test('reads everything where the documents list packages in different orders', async () => {
    await using making = await makeMaking(named('a', 'b', 'c'))
    await making.run({ generalCompressType: 'none', simpleMdFilenames: true })
    const file = join(making.packages, 'repodata/filelists.xml')
    const [head, ...records] = readFileSync(file, 'utf8').split(/(?=<package )/)
    const last = records.pop()?.replace('</filelists>', '')
    writeFileSync(file, [head, last, ...records, '</filelists>'].join(''))
    forgetChecksums(making, 'filelists')
    await making.add('d.rpm', { name: 'd' })
    expect(await making.run({ update: true })).toMatchObject({ packages: 4, read: 4 })
    expect(making.warnings).toEqual([
      expect.stringMatching(/list packages in different orders; every package is read anew$/),
    ])
  })

  test('reads everything where the metadata is broken, and says so', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    const primary = making.repomd().records[0]?.href as string
    writeFileSync(join(making.packages, primary), 'broken')
    await making.add('c.rpm', { name: 'c' })
    expect(await making.run({ update: true })).toMatchObject({ packages: 3, read: 3, changed: true })
    expect(making.warnings[0]).toMatch(/^the metadata of \S+ is not used: /)
  })

  test('reads no file outside of the directory, whatever the old repomd.xml names', async () => {
    await using making = await makeMaking(named('a'))
    await making.run()
    const { href = '' } = making.repomd().records[0] ?? {}
    renameSync(join(making.packages, href), join(making.packages, '..', href.replace('repodata/', '')))
    const file = join(making.packages, 'repodata/repomd.xml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(href, href.replace('repodata/', '../')))
    expect(await making.run({ update: true })).toMatchObject({ packages: 1, read: 1, changed: true })
    expect(making.warnings).toEqual([
      expect.stringMatching(/ is not used: record primary of repomd\.xml leads out of the repository: "\.\.\//),
    ])
    expect(making.repomd().records[0]?.href).toBe(href)
  })

  test('makes metadata files anew that were deleted', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    await making.run({ update: true })
    const filelists = making.repomd().records[1]?.href as string
    rmSync(join(making.packages, filelists))
    expect(await making.run({ update: true })).toMatchObject({ packages: 2, changed: true })
    expect(statSync(join(making.packages, filelists)).isFile()).toBe(true)
  })

  test('makes a metadata file anew that was damaged since nothing changed', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    await making.run({ update: true })
    const [filelists = ''] = making
      .repomd()
      .records.slice(1)
      .map(({ href }) => href)
    writeFileSync(join(making.packages, filelists), 'broken')
    expect(await making.run({ update: true })).toMatchObject({ packages: 2, changed: true })
    expect((await checkTree(making.packages)).problems).toEqual([])
  })

  test('makes databases anew that were deleted or damaged', async () => {
    await using making = await makeMaking(named('a', 'b'))
    const flags = { update: true, database: true, compressType: 'gz' }
    await making.run(flags)
    const [primary = '', filelists = ''] = making
      .repomd()
      .records.slice(3)
      .map(({ href }) => href)
    rmSync(join(making.packages, primary))
    writeFileSync(join(making.packages, filelists), 'broken')
    expect(await making.run(flags)).toMatchObject({ read: 0, changed: true })
    expect((await checkTree(making.packages)).problems).toEqual([])
  })

  test('makes databases anew that are to be compressed in another way', async () => {
    await using making = await makeMaking(named('a'))
    await making.run({ database: true, compressType: 'gz' })
    await making.run({ update: true, database: true, compressType: 'zstd' })
    expect(making.repomd().records[3]?.href).toMatch(/primary\.sqlite\.zst$/)
  })

  test('removes what is too old where it is told to, also where nothing changed', async () => {
    await using making = await makeMaking(named('a'))
    await making.run()
    const [old = ''] = filesOf(making.packages)
    await making.add('b.rpm', { name: 'b' })
    const flags = { update: true, retainOldMdByAge: '1h' }
    await making.run(flags)
    await making.run(flags)
    expect(filesOf(making.packages)).toContain(old)
    const time = Date.now() / 1000 - 7200
    utimesSync(join(making.packages, 'repodata', old), time, time)
    await making.run(flags)
    expect(filesOf(making.packages)).not.toContain(old)
  })

  test('knows files from before 1970 again, and packages of any stated size', async () => {
    await using making = await makeMaking({ 'a.rpm': { name: 'a' }, 'b.rpm': { name: 'b', size: 2 ** 60 } })
    utimesSync(join(making.packages, 'a.rpm'), -86_400, -86_400)
    await making.run()
    expect(await making.run({ update: true, database: true })).toMatchObject({ packages: 2, read: 0, changed: true })
    expect(making.warnings).toEqual([])
  })

  test('tells and counts a broken file once, also where everything is read anew', async () => {
    const many = Array.from({ length: 60 }, (_, i) => `p${i}`)
    await using making = await makeMaking({ ...named(...many), '0.rpm': Buffer.from('broken') })
    await making.run({ generalCompressType: 'none', simpleMdFilenames: true })
    const file = join(making.packages, 'repodata/other.xml')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/pkgid="..(?=.* name="p9")/g, 'pkgid="zz'))
    forgetChecksums(making, 'other')
    await making.add('q.rpm', { name: 'q' })
    expect(await making.run({ update: true })).toMatchObject({ packages: 61, read: 61, leftOut: 1 })
    expect(making.warnings.filter((line) => line.includes('0.rpm'))).toHaveLength(1)
  })

  test('does not take another repository of the same files for its own', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    await making.run({ update: true })
    expect(await making.run({ update: true, changelogLimit: '3' })).toMatchObject({ changed: false })
    renameSync(join(making.packages, 'a.rpm'), join(making.packages, 'z.rpm'))
    expect(await making.run({ update: true })).toMatchObject({ packages: 2, read: 1, changed: true })
  })

  test('has no flags of its own without --update', async () => {
    await using making = await makeMaking(named('a'))
    for (const flags of [{ skipStat: true }, { recyclePkglist: true }, { updateMdPath: ['/'] }])
      expect(() => making.run(flags)).toThrow(/has no meaning without --update/)
  })
})

function shown({ packages }: Making): unknown {
  const names = filesOf(packages).filter((name) => name !== '.listing')
  return names.map((name) => [name, statSync(join(packages, 'repodata', name)).mtimeMs])
}

async function allOf(making: Making): Promise<string[]> {
  return await Promise.all(['primary', 'filelists', 'other'].map((type) => making.open(type)))
}

/** Makes repomd.xml say nothing of a document's bytes. */
function forgetChecksums({ packages }: Making, type: string): void {
  const file = join(packages, 'repodata/repomd.xml')
  const text = readFileSync(file, 'utf8')
  const record = new RegExp(`<data type="${type}">.*?</data>`, 's').exec(text)?.[0] as string
  writeFileSync(file, text.replace(record, record.replace(/<(?:open-)?size>.*?>\n/g, '')))
}
