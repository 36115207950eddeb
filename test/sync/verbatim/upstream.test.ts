import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { sweep } from '../../../src/lifecycle/sweep.ts'
import { parseRepomd } from '../../../src/repodata/repomd.ts'
import type { RecordSpec } from '../../helpers/repository/repomd.ts'
import { sha256Of } from '../../store/opened.ts'
import { type Syncing, startSyncing } from '../syncing.ts'

const verbatim = { metadata: 'upstream' }
const asc = 'repodata/repomd.xml.asc'
const specs = [
  { name: 'alpha', href: 'alpha-1.0-1.x86_64.rpm' },
  { name: 'beta', arch: 'aarch64' },
  { name: 'gamma', arch: 'src', href: 'SRPMS/g%2Bg.src.rpm' },
]

const delta = 'drpms/alpha-0.9-1_1.0-1.x86_64.drpm'
const records: RecordSpec[] = [
  { type: 'group', name: 'comps.xml', body: '<comps/>' },
  { type: 'primary_db', name: 'primary.sqlite.bz2', body: 'a database' },
  { type: 'primary_zck', name: 'primary.xml.zck', body: 'chunks' },
  { type: 'filelists-ext', name: 'filelists-ext.xml.gz', body: '<filelists-ext/>' },
  { type: 'productid', name: 'productid', body: 'a certificate' },
  { type: 'prestodelta', name: 'prestodelta.xml.gz', body: prestodelta(delta) },
]

describe('upstream’s own metadata', () => {
  test('is published byte for byte, with all that it names at its hrefs', async () => {
    await using syncing = await startSyncing(specs, { records })
    write(syncing, delta, 'a delta')
    write(syncing, asc, 'a signature')
    write(syncing, 'repodata/repomd.xml.key', 'a key')
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', packages: 3, unhashed: [] })
    expect(filesOf(syncing.tree)).toEqual(filesOf(syncing.dir))
    expect(Object.keys(filesOf(syncing.tree))).toHaveLength(16)
    expect((await syncing.check()).problems).toEqual([])
  })

  test('that is unchanged costs a conditional request for it and one for its signature', async () => {
    await using syncing = await startSyncing(specs)
    write(syncing, asc, 'a signature')
    await syncing.run(verbatim)
    syncing.upstream.requests.length = 0
    expect(await syncing.run(verbatim)).toBeUndefined()
    expect(syncing.upstream.requests.map(({ path, status }) => `${path.slice(1)} ${status}`)).toEqual([
      'repodata/repomd.xml 304',
      `${asc} 304`,
    ])
  })

  test('has its new signature in the next run, though repomd.xml is the same', async () => {
    await using syncing = await startSyncing(specs)
    await syncing.run(verbatim)
    write(syncing, asc, 'a signature')
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', generation: 2, added: 0, removed: 0 })
    expect(read(syncing.tree, asc)).toBe('a signature')
    expect(await syncing.run(verbatim)).toBeUndefined()
  })

  test('is another generation where nothing but repomd.xml has changed', async () => {
    await using syncing = await startSyncing(specs, { revision: '7' })
    await syncing.run(verbatim)
    await syncing.offer(specs, { revision: '8' })
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', generation: 2, added: 0, removed: 0 })
    expect(read(syncing.tree, 'repodata/repomd.xml')).toBe(read(syncing.dir, 'repodata/repomd.xml'))
  })

  test('waits for the signature that belongs to it, and clients keep the pair before', async () => {
    await using syncing = await startSyncing(specs)
    write(syncing, asc, 'the first')
    await syncing.run(verbatim)
    await syncing.offer([{ name: 'delta' }], { clean: false })
    await expect(syncing.run(verbatim)).rejects.toMatchObject({
      code: 'E_MOVING',
      message: expect.stringContaining(`${asc} is still the signature of the repomd.xml before`),
    })
    expect(await syncing.check()).toMatchObject({
      problems: [],
      hrefs: expect.arrayContaining(['alpha-1.0-1.x86_64.rpm']),
    })
    write(syncing, asc, 'the second')
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', packages: 1 })
    expect(read(syncing.tree, asc)).toBe('the second')
  })

  test('leaves no signature behind, neither of an upstream that signs no more nor of itself', async () => {
    await using syncing = await startSyncing(specs)
    write(syncing, asc, 'a signature')
    await syncing.run(verbatim)
    rmSync(join(syncing.dir, asc))
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', generation: 2 })
    expect(existsSync(join(syncing.tree, asc))).toBe(false)
    write(syncing, asc, 'another')
    await syncing.run(verbatim)
    await syncing.run({ arch: ['x86_64'] })
    expect(existsSync(join(syncing.tree, asc))).toBe(false)
  })

  test('whose names hold no digest is replaced in place, and that is said', async () => {
    await using syncing = await startSyncing(specs, { simpleNames: true })
    const unhashed = ['primary', 'filelists', 'other'].map((name) => `repodata/${name}.xml.gz`)
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', unhashed })
    expect(syncing.notices).toEqual([
      expect.stringMatching(/^warn: unhashed names: repodata\/primary\.xml\.gz, .* change/),
    ])
    await syncing.offer([...specs, { name: 'delta' }], { simpleNames: true })
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', added: 1, unhashed })
    expect(filesOf(syncing.tree)).toEqual(filesOf(syncing.dir))
    sweep(syncing.state, new Map([['base', 0]]))
    expect(filesOf(syncing.tree)).toEqual(filesOf(syncing.dir))
  })

  test('has a package that upstream replaced under its name', async () => {
    await using syncing = await startSyncing([{ name: 'alpha', size: 3000 }])
    await syncing.run(verbatim)
    await syncing.offer([{ name: 'alpha', size: 4000 }])
    expect(await syncing.run(verbatim)).toMatchObject({ result: 'published', generation: 2 })
    expect(syncing.notices).toEqual([
      expect.stringMatching(/another Packages\/.*alpha.*rpm in place of the one before/),
    ])
    expect((await syncing.check()).problems).toEqual([])
    expect(await syncing.run(verbatim)).toBeUndefined()
  })

  test('gives way to our own, and comes back', async () => {
    await using syncing = await startSyncing(specs, { records })
    write(syncing, delta, 'a delta')
    await syncing.run(verbatim)
    await syncing.run({ arch: ['x86_64'] })
    expect(await syncing.check()).toEqual({ problems: [], hrefs: ['Packages/a/alpha-1.0-1.x86_64.rpm'] })
    await syncing.run(verbatim)
    expect(read(syncing.tree, 'repodata/repomd.xml')).toBe(read(syncing.dir, 'repodata/repomd.xml'))
    expect((await syncing.check()).problems).toEqual([])
  })

  test('that is older than what is published here is published where that is said, and told', async () => {
    await using syncing = await startSyncing(specs, { revision: '1700000009' })
    await syncing.run()
    await syncing.offer([{ name: 'delta' }], { revision: '1600000000' })
    await syncing.run({ ...verbatim }, { acceptShrink: true, acceptRollback: true })
    expect(syncing.notices.at(-1)).toContain('is older than the one that is published here; yum 3 will not take it')
  })
})

describe('is refused, and nothing published', () => {
  test.each([
    [
      'a selection that leaves packages out',
      { arch: ['x86_64'], source: 'no' },
      {},
      'E_CONFIG',
      /leaves out 2 of the 3 packages .*such as beta-1\.0-1\.aarch64; .* write metadata: generate/,
    ],
    [
      'a package that is elsewhere',
      {},
      { specs: [{ name: 'a', xmlBase: 'http://127.0.0.1:1/' }] },
      'E_PATH',
      /package a-1\.0-1\.x86_64/,
    ],
    [
      'a delta elsewhere',
      {},
      { delta: '../x.drpm' },
      'E_PATH',
      /prestodelta: "\.\.\/x\.drpm" is refused: it leads out/,
    ],
    ['a delta that is another file', {}, { delta: 'Packages/x.rpm' }, 'E_PATH', /\.rpm is for packages/],
    ['a delta that is not there', {}, { delta: 'drpms/lost.drpm' }, 'E_HTTP', /drpms\/lost\.drpm \(prestodelta\)/],
  ])(
    '%s',
    async (_, settings, {
      specs: packages = specs,
      delta: href,
    }: { specs?: object[]; delta?: string }, code, message) => {
      const body = { type: 'prestodelta', name: 'prestodelta.xml', body: prestodelta(href ?? '') }
      await using syncing = await startSyncing(packages as typeof specs, href === undefined ? {} : { records: [body] })
      await expect(syncing.run({ ...verbatim, ...settings })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      })
      expect(existsSync(syncing.tree)).toBe(false)
    },
  )

  test.each([
    ['../primary.xml', /record group of repomd\.xml: .*"\.\.\/primary\.xml" is refused/],
    ['repodata/repomd.xml.asc', /it is no file of repodata\/; write metadata: generate/],
    ['comps.xml', /it is no file of repodata\//],
    ['repodata/a/../../b', /it is no file of repodata\//],
  ])('a record at %s', async (href, message) => {
    await using syncing = await startSyncing(specs, { records: records.slice(0, 1) })
    const file = join(syncing.dir, 'repodata/repomd.xml')
    const group = parseRepomd(readFileSync(file)).records.find(({ type }) => type === 'group')
    writeFileSync(file, readFileSync(file, 'utf8').replace(group?.href as string, href))
    await expect(syncing.run(verbatim)).rejects.toMatchObject({
      code: 'E_PATH',
      message: expect.stringMatching(message),
    })
  })
})

function prestodelta(href: string): string {
  const checksum = `<checksum type="sha256">${sha256Of('a delta')}</checksum>`
  const sequence = '<sequence>alpha-0.9-1-abcdef</sequence>'
  return `<?xml version="1.0" encoding="UTF-8"?>
<prestodelta>
  <newpackage name="alpha" epoch="0" version="1.0" release="1" arch="x86_64">
    <delta oldepoch="0" oldversion="0.9" oldrelease="1">
      <filename>${href}</filename>${sequence}<size>7</size>${checksum}
    </delta>
  </newpackage>
</prestodelta>
`
}

function write({ dir }: Syncing, path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), text)
}

function read(folder: string, path: string): string {
  return readFileSync(join(folder, path), 'utf8')
}

/** All files below a folder with their bytes. */
function filesOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'latin1')]))
}
