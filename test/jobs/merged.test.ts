import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRepomd } from '../../src/repodata/repomd.ts'
import { decompress } from '../helpers/checker/digest.ts'
import { checkTree } from '../helpers/checker.ts'
import { type MirrorResult, makeSite, runMirror } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec, type RepositoryOptions } from '../helpers/repository.ts'
import { startUpstream } from '../helpers/upstream.ts'

const os: PackageSpec[] = [{ name: 'alpha' }, { name: 'beta' }, { name: 'shared' }]
const updates: PackageSpec[] = [{ name: 'alpha', version: '2.0' }, { name: 'shared' }, { name: 'gamma' }]

describe('several upstreams', () => {
  test('become one repository, in which what is the same file in two of them is one package', async () => {
    await using merged = await startMerged()
    expect(await merged.sync()).toMatchObject({ status: 0 })
    expect(await merged.seen()).toEqual({
      problems: [],
      names: ['alpha-1.0', 'alpha-2.0', 'beta-1.0', 'gamma-1.0', 'shared-1.0'],
    })
  })

  test('that have not changed cost a conditional request each, and nothing is written', async () => {
    await using merged = await startMerged()
    await merged.sync()
    merged.asked()
    const before = merged.files()
    const { status, stdout } = await merged.sync()
    expect([status, stdout]).toEqual([0, expect.stringContaining('unchanged')])
    expect(merged.files()).toEqual(before)
    expect(merged.asked()).toEqual(['/os/repodata/repomd.xml 304', '/updates/repodata/repomd.xml 304'])
  })

  test('are merged again when one of them has changed, and its packages alone are fetched', async () => {
    await using merged = await startMerged()
    await merged.sync()
    await merged.offer('updates', [...updates, { name: 'delta' }])
    merged.asked()
    await merged.sync()
    expect(merged.asked().filter((path) => path.includes('.rpm'))).toEqual([
      expect.stringContaining('/updates/Packages/d/delta'),
    ])
    expect((await merged.seen()).names).toContain('delta-1.0')
  })

  test('have one newest version of a package', async () => {
    await using merged = await startMerged({ newest_only: 'yes' })
    await merged.sync()
    expect((await merged.seen()).names).toEqual(['alpha-2.0', 'beta-1.0', 'gamma-1.0', 'shared-1.0'])
  })

  test.each([
    ['keep', [700, 800]],
    ['newest', [800]],
    ['first', [700]],
  ])('with other builds of one version come to those that duplicates: %s says', async (duplicates, sizes) => {
    await using merged = await startMerged({ duplicates })
    await merged.offer('updates', [{ name: 'alpha', size: 800, buildTime: 1_800_000_000 }])
    await merged.sync()
    const { problems, names } = await merged.seen()
    expect([problems, names.length]).toEqual([[], 2 + sizes.length])
    expect(merged.sizesOf('alpha')).toEqual(sizes)
  })

  test('of which one fails fail with its URL, and what was published stays', async () => {
    await using merged = await startMerged()
    await merged.sync()
    await merged.offer('os', [{ name: 'zeta' }])
    merged.upstream.rules.push({ path: 'updates/repodata/repomd.xml', fault: { kind: 'status', status: 404 } })
    const { status, stderr } = await merged.sync()
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/E_HTTP all: .*\/updates\/repodata\/repomd\.xml.*404.*generation 1 is still served/),
    ])
    expect((await merged.seen()).names).toContain('beta-1.0')
  })

  test('of which one moves while it is read are looked at again', async () => {
    await using merged = await startMerged()
    const before = () => merged.offer('updates', [{ name: 'gamma', size: 900 }])
    merged.upstream.rules.push({ path: /updates\/Packages\/g/, times: 1, fault: { kind: 'hook', before } })
    expect(await merged.sync()).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('an upstream changed meanwhile'),
    })
    expect(merged.sizesOf('gamma')).toEqual([900])
    expect((await merged.seen()).problems).toEqual([])
  })

  test('may name their packages by digests of different kinds', async () => {
    await using merged = await startMerged({ weak_digests: 'yes' })
    await merged.offer('updates', [
      { name: 'shared', checksumType: 'sha' },
      { name: 'gamma', checksumType: 'sha512' },
    ])
    expect(await merged.sync()).toMatchObject({ status: 0 })
    const { problems, names } = await merged.seen()
    expect([problems, names]).toEqual([[], ['alpha-1.0', 'beta-1.0', 'gamma-1.0', 'shared-1.0']])
  })

  test('have one of them whose packages are said to be elsewhere refused', async () => {
    await using merged = await startMerged()
    await merged.offer('updates', [{ name: 'gamma', xmlBase: 'http://127.0.0.1:1/' }])
    const { status, stderr } = await merged.sync()
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/E_PATH all: .*gamma.* is refused: it leads to http:\/\/127\.0\.0\.1:1/),
    ])
  })

  test('have the documents of all their module streams', async () => {
    const stream = (name: string) =>
      `---\ndocument: modulemd\nversion: 2\ndata:\n  name: ${name}\n  stream: "1"\n  version: 1\n  context: c0ffee\n  arch: x86_64\n  summary: s\n  description: d\n  license:\n    module: [MIT]\n...\n`
    const modules = (...names: string[]) => ({
      records: [{ type: 'modules', name: 'modules.yaml.gz', body: names.map(stream).join('') }],
    })
    await using merged = await startMerged()
    await merged.offer('os', os, modules('one', 'both'))
    await merged.offer('updates', updates, modules('both', 'two'))
    await merged.sync()
    expect(merged.text('modules').match(/(?<=name: )\w+/g)).toEqual(['one', 'both', 'two'])
  })

  test('have their groups merged by id, and other metadata of the first that has it', async () => {
    const record = (type: string, name: string, body: string) => ({ type, name, body })
    await using merged = await startMerged()
    await merged.offer('os', os, {
      records: [record('group', 'comps.xml', comps('alpha')), record('productid', 'productid.gz', 'first')],
    })
    await merged.offer('updates', updates, {
      records: [record('group', 'comps.xml', comps('gamma')), record('productid', 'productid.gz', 'second')],
    })
    const { stderr } = await merged.sync()
    expect(stderr).toMatch(/productid of http\S*\/os\/ is taken, that of http\S*\/updates\/ left out/)
    expect(merged.text('group').match(/<packagereq[^>]*>\w+/g)).toEqual(['<packagereq>alpha', '<packagereq>gamma'])
    expect(merged.text('productid')).toBe('first')
  })

  test('can be planned without a package being fetched', async () => {
    await using merged = await startMerged()
    const { stdout } = await merged.mirror('sync', '--urls')
    const from = [...stdout.matchAll(/^http:\/\/[^/]+\/(\w+)\/.*\.rpm$/gm)].map(([, id = '']) => id)
    expect(from.sort()).toEqual(['os', 'os', 'os', 'updates', 'updates'])
    expect(merged.asked().some((path) => path.includes('.rpm'))).toBe(false)
  })

  test('that have an index no more leave none behind', async () => {
    await using merged = await startMerged()
    await merged.sync()
    expect(readdirSync(join(merged.site.path('state'), 'local'))).toHaveLength(1)
    await merged.configure({ baseurl: `${merged.upstream.url}os/` })
    await merged.sync()
    expect(readdirSync(join(merged.site.path('state'), 'local'))).toEqual([])
  })
})

function comps(name: string): string {
  const list = `<packagelist><packagereq>${name}</packagereq></packagelist>`
  return `<?xml version="1.0"?>\n<comps><group><id>core</id><name>Core</name>${list}</group></comps>\n`
}

/** A site with a repository `all` that is made of the upstreams `os` and `updates`. */
async function startMerged(settings: object = {}) {
  const site = await makeSite()
  const dir = (id: string) => site.path('upstream', id)
  const offer = (id: string, specs: PackageSpec[], options?: RepositoryOptions) =>
    makeRepository(dir(id), specs, { clean: true, ...options })
  await offer('os', os)
  await offer('updates', updates)
  const upstream = await startUpstream(site.path('upstream'))
  const configure = (own: object) =>
    site.writeConfig({ defaults: { retries: 1, retry_delay: 0 }, repos: { all: { arch: 'x86_64', ...own } } })
  await configure({ merge: [`${upstream.url}os/`, `${upstream.url}updates/`], ...settings })
  const tree = site.path('root/all')
  const mirror = (...args: string[]): Promise<MirrorResult> => runMirror([...args, '-c', site.configFile])
  const text = (type: string) => {
    const { records } = parseRepomd(readFileSync(join(tree, 'repodata/repomd.xml')))
    const href = records.find((record) => record.type === type)?.href ?? ''
    return decompress(readFileSync(join(tree, href))).toString()
  }
  return {
    site,
    upstream,
    offer,
    configure,
    mirror,
    text,
    sync: () => mirror('sync'),
    /** When each file of the root and of the index was changed. */
    files: () =>
      ['root', 'state/local'].flatMap((folder) =>
        readdirSync(site.path(folder), { recursive: true, encoding: 'utf8' })
          .map((path) => join(site.path(folder), path))
          .map((path) => [path, statSync(path).ctimeMs]),
      ),
    /** What was asked of the upstreams since the last call. */
    asked: () => upstream.requests.splice(0).map(({ path, status }) => `${path} ${status}`),
    async seen() {
      const { problems, packages } = await checkTree(tree)
      return { problems, names: packages.map(({ nevra }) => nevra.replace(/-(?:0:)?([\d.]+)-1\..*/, '-$1')).sort() }
    },
    /** The sizes that primary states of a package's builds. */
    sizesOf(name: string): number[] {
      const records = text('primary').match(/<package [\s\S]*?<\/package>/g) ?? []
      const own = records.filter((record) => record.includes(`<name>${name}</name>`))
      return own.map((record) => Number(/<size package="(\d+)"/.exec(record)?.[1])).sort((a, b) => a - b)
    },
    [Symbol.asyncDispose]: async () => {
      await upstream.close()
      await site[Symbol.asyncDispose]()
    },
  }
}
