import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { runMirror } from '../helpers/mirror.ts'
import { filesOf, makeMaking, named } from './making.ts'

describe('the packages of a directory', () => {
  test('are those of all its folders, in the order of their names', async () => {
    await using making = await makeMaking({
      'z/a.rpm': { name: 'one' },
      'a.rpm': { name: 'two' },
      'b/c/a.rpm': { name: 'three' },
      'B.rpm': { name: 'four' },
    })
    expect(await making.run()).toEqual({ packages: 4, read: 4, leftOut: 0, changed: true })
    expect(await making.hrefs()).toEqual(['B.rpm', 'a.rpm', 'b/c/a.rpm', 'z/a.rpm'])
  })

  test('are written the same by several threads as by none', async () => {
    const many = Array.from({ length: 120 }, (_, i) => `p${i}`)
    const few = many.slice(0, 30)
    await using making = await makeMaking(named(...many))
    const recordsOf = async (type: string) =>
      (await making.open(type))
        .replace(/<\/\w+>$/, '')
        .split(/(?=<package )/)
        .slice(1)
    for (const type of ['primary', 'filelists', 'other']) {
      await making.run({ workers: '3' })
      const threaded = await recordsOf(type)
      await making.run({ includepkg: few.map((name) => `${name}.rpm`) })
      expect(threaded).toHaveLength(120)
      expect(threaded.filter((record) => few.some((name) => new RegExp(`[">]${name}[<"]`).test(record)))).toEqual(
        await recordsOf(type),
      )
    }
  })

  test('are found through links, but not round in circles', async () => {
    await using making = await makeMaking({ 'x/a.rpm': { name: 'a' } })
    symlinkSync('..', join(making.packages, 'x/up'))
    symlinkSync('x', join(making.packages, 'y'))
    symlinkSync('x/a.rpm', join(making.packages, 'link.rpm'))
    await making.run()
    expect(await making.hrefs()).toEqual(['x/a.rpm', 'y/a.rpm', 'link.rpm'])
    await making.run({ skipSymlinks: true })
    expect(await making.hrefs()).toEqual(['x/a.rpm', 'y/a.rpm'])
  })

  test('are left out with a line each where they cannot be used, and the rest is published', async () => {
    await using making = await makeMaking({ ...named('a', 'b'), 'bad.rpm': Buffer.from('no package') })
    symlinkSync('nowhere', join(making.packages, 'gone.rpm'))
    execFileSync('mkfifo', [join(making.packages, 'pipe.rpm')])
    const result = await runMirror(['createrepo', making.packages])
    expect(result.status).toBe(2)
    expect(result.stderr.trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^warning: \S+bad\.rpm is left out: it is cut off: 96 bytes or more expected, found 10$/),
      expect.stringMatching(/^warning: \S+gone\.rpm is left out: a symbolic link that leads nowhere$/),
      expect.stringMatching(/^warning: \S+pipe\.rpm is left out: not a regular file$/),
    ])
    expect(await making.hrefs()).toEqual(['a.rpm', 'b.rpm'])
    expect(await making.open('primary')).toContain('packages="2"')
    expect(await making.run({ update: true })).toMatchObject({ leftOut: 3 })
  })

  test('are left out where what they tell would take more memory than they are worth', async () => {
    const folder = `/${'d'.repeat(1_000_000)}/`
    const files = (count: number) => Array.from({ length: count }, (_, i) => ({ path: `${folder}${i}` }))
    await using making = await makeMaking({
      ...named('a'),
      'long.rpm': { name: 'long', files: files(40) },
      'longer.rpm': { name: 'longer', files: files(2000) },
    })
    expect(await making.run({ database: true })).toMatchObject({ packages: 1, leftOut: 2 })
    expect(making.warnings.join('\n')).toMatch(/long\.rpm is left out: .*\n.*longer\.rpm is left out: /)
  })

  test('of one name, epoch, version, release and arch are told; keep-last keeps the one that was built last', async () => {
    await using making = await makeMaking({
      'a.rpm': { name: 'same', buildTime: 30 },
      'b.rpm': { name: 'same', buildTime: 10 },
      'c.rpm': { name: 'other' },
    })
    await making.run()
    expect(making.warnings).toEqual(['same-1.0-1.x86_64 is there 2 times: b.rpm, a.rpm'])
    expect(await making.hrefs()).toEqual(['a.rpm', 'b.rpm', 'c.rpm'])
    expect(await making.run({ duplicatedNevra: 'keep-last' })).toMatchObject({ packages: 2 })
    expect(await making.hrefs()).toEqual(['a.rpm', 'c.rpm'])
    expect(await making.open('other')).toContain('packages="2"')
  })

  test('have a line in --read-pkgs-list when they were read', async () => {
    await using making = await makeMaking(named('a', 'b'))
    await making.run()
    await making.add('c.rpm', { name: 'c' })
    const list = join(making.packages, '../list')
    await making.run({ update: true, readPkgsList: list })
    expect(readFileSync(list, 'utf8')).toBe('c.rpm\n')
  })
})

describe('metadata besides packages', () => {
  const comps = '<?xml version="1.0" encoding="UTF-8"?>\n<comps><group><id>core</id></group></comps>\n'
  const module = (name: string) =>
    `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: s\n  version: 1\n  context: c\n...\n`

  test('a group file of the directory or of the working directory, packed or not', async () => {
    await using making = await makeMaking(named('a'))
    writeFileSync(join(making.packages, 'comps.xml.zst'), zstdCompressSync(comps))
    await making.run({ groupfile: 'comps.xml.zst' })
    expect(await making.open('group')).toBe(comps)
    expect(making.repomd().records.map(({ type }) => type)).toEqual(['primary', 'filelists', 'other', 'group'])
    expect(() => making.run({ groupfile: 'none.xml' })).toThrow(/--groupfile none\.xml: there is no such file/)
  })

  test('a group file of any name', async () => {
    await using making = await makeMaking({ ...named('a') })
    for (const name of ['primary.xml', 'primary.sqlite', 'mirror.lock']) {
      writeFileSync(join(making.packages, name), '<comps/>')
      await making.run({ groupfile: name, generalCompressType: 'none', compressType: 'none', database: true })
      expect(await making.open('group')).toBe('<comps/>')
      expect(await making.hrefs()).toEqual(['a.rpm'])
    }
  })

  test('modules documents anywhere in the directory come to one, each once', async () => {
    await using making = await makeMaking(named('a'))
    mkdirSync(join(making.packages, 'deep'))
    writeFileSync(join(making.packages, 'modules.yaml'), module('one') + module('two'))
    writeFileSync(join(making.packages, 'deep/x.modulemd.yaml'), module('two') + module('three'))
    await making.run()
    const names = [...(await making.open('modules')).matchAll(/name: (\w+)/g)].map(([, name]) => name)
    expect(new Set(names)).toEqual(new Set(['one', 'two', 'three']))
    expect(names).toHaveLength(3)
    await making.run({ update: true })
    expect([...(await making.open('modules')).matchAll(/^---$/gm)]).toHaveLength(3)
  })

  test('a modules document that clients would refuse ends the run, and leaves nothing', async () => {
    await using making = await makeMaking(named('a'))
    writeFileSync(join(making.packages, 'modules.yaml'), '---\n- [no module\n')
    const result = await runMirror(['createrepo', making.packages])
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/^E_MODULES: Cannot use \S+modules\.yaml: /)
    expect(() => filesOf(making.packages)).toThrow(/ENOENT/)
  })

  test('stays in an update where another server has its file', async () => {
    await using making = await makeMaking(named('a'))
    writeFileSync(join(making.packages, 'comps.xml'), '<comps/>')
    await making.run({ groupfile: 'comps.xml' })
    const { href = '' } = making.repomd().records.find(({ type }) => type === 'group') ?? {}
    const file = join(making.packages, 'repodata/repomd.xml')
    const based = `href="${href}" xml:base="http://other.example/"`
    writeFileSync(file, readFileSync(file, 'utf8').replace(`href="${href}"`, based))
    rmSync(join(making.packages, href))
    await making.add('b.rpm', { name: 'b' })
    await making.run({ update: true })
    expect(readFileSync(file, 'utf8')).toContain(based)
    expect(making.warnings).toEqual([])
  })

  test('stays in an update unless it is to be discarded, is replaced or gone', async () => {
    await using making = await makeMaking(named('a'))
    const groups = join(making.packages, '../comps.xml')
    writeFileSync(groups, comps)
    await making.run({ groupfile: groups })
    await making.add('b.rpm', { name: 'b' })
    await making.run({ update: true })
    expect(await making.open('group')).toBe(comps)
    writeFileSync(groups, comps.replace('core', 'base'))
    await making.run({ update: true, groupfile: groups })
    expect(await making.open('group')).toContain('base')
    await making.run({ update: true, discardAdditionalMetadata: true })
    expect(making.repomd().records.map(({ type }) => type)).toEqual(['primary', 'filelists', 'other'])
  })
})

describe('mirror createrepo', () => {
  test('is reproducible where the revision gives every time', async () => {
    await using making = await makeMaking(named('a', 'b'))
    const flags = { revision: '1700000000', setTimestampToRevision: true }
    const [one, two] = ['one', 'two'].map((name) => join(making.packages, '..', name)) as [string, string]
    for (const outputdir of [one, two]) {
      mkdirSync(outputdir)
      await making.run({ ...flags, outputdir })
    }
    expect(filesOf(one)).toEqual(filesOf(two))
    expect(readFileSync(join(one, 'repodata/repomd.xml'))).toEqual(readFileSync(join(two, 'repodata/repomd.xml')))
  })

  test('says in one line what came of it', async () => {
    await using making = await makeMaking(named('a', 'b'))
    const { status, stdout, stderr } = await runMirror(['createrepo', making.packages])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^\S+: 2 packages, 2 read, published in [\d.]+ s\n$/)
    expect(await runMirror(['createrepo', '-q', '--update', making.packages])).toMatchObject({ status: 0, stdout: '' })
  })

  test.each([
    [['/nowhere/at/all'], /^E_USAGE: \/nowhere\/at\/all is not a directory$/],
    [['--nothing', '.'], /^E_USAGE: unknown option '--nothing'; mirror createrepo --help lists its options$/],
    [[], /^E_USAGE: missing required argument 'dir'; mirror createrepo --help lists its options$/],
    [['--checksum', 'crc', '.'], /^E_USAGE: --checksum crc: one of md5, .* is expected$/],
    [['--general-compress-type', 'zip', '.'], /^E_USAGE: --general-compress-type zip: one of /],
    [['--workers', '0', '.'], /^E_USAGE: --workers 0: a number from 1 to 100 is expected$/],
    [['--retain-old-md', '1', '--retain-old-md-by-age', '1d', '.'], /exclude each other/],
    [['--retain-old-md-by-age', 'soon', '.'], /: 90m, 2h or 30d is expected, or seconds$/],
    [['--set-timestamp-to-revision', '.'], /needs --revision with a time in seconds$/],
    [['--pkglist', '/nowhere/list', '.'], /^E_IO: Cannot open \/nowhere\/list: no such file or directory$/],
  ])('%j ends with status 1 and one line', async (args, line) => {
    const { status, stdout, stderr } = await runMirror(['createrepo', ...args])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr.trim()).toMatch(line)
  })
})
