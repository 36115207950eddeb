import { appendFileSync, chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dnfIn, nevras } from '../conformance/clients.ts'
import { judge } from '../helpers/judges.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { makeRpm } from '../helpers/rpmfile.ts'
import { identity, type LocalFolders, makeLocal } from './localFolders.ts'

const two = { 'rpms/alpha.rpm': { name: 'alpha' }, 'rpms/deep/beta.rpm': { name: 'beta' } }
const both = { hrefs: ['Packages/a/alpha.rpm', 'Packages/b/beta.rpm'], problems: [] }

describe.concurrent('a local folder', () => {
  test('is published with what lies below it unless it is hidden, as files of their own that all may read', async () => {
    const passedOver = {
      'rpms/.upload.rpm': { name: 'upload' },
      'rpms/.edition/beta.rpm': { name: 'beta', version: '0.9' },
    }
    await using local = await makeLocal({ ...two, ...passedOver })
    const source = local.site.path('rpms/alpha.rpm')
    chmodSync(source, 0o600)
    const { status, stdout, stderr } = await local.mirror('sync')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/\nown +2 +2 +0 .* generation 1\n$/)])
    expect(stderr.match(/^own: (?:copied: .*reflink|reflinked: ).*$/gm)).toHaveLength(1)
    expect(await local.seen()).toEqual(both)
    const published = local.site.path('root/own/Packages/a/alpha.rpm')
    expect([statSync(source).nlink, statSync(published).mode & 0o777]).toEqual([1, 0o644])
    expect(identity(published)).not.toBe(identity(source))
    expect((await local.mirror('status')).stdout).toMatch(/\nown +1 .* 2 .* local +published\n$/)
  })

  test('that is as it was is published by nobody: no process, nothing written, nothing said', async () => {
    await using local = await makeLocal(two)
    expect((await local.mirror('sync')).stderr).toContain('a worker began')
    const [repomd, index] = [local.repomd(), statSync(local.site.path('state/local')).mtimeMs]
    const { status, stdout, stderr } = await local.mirror('sync')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/\nown +2 +0 +0 +0 B .* unchanged\n$/)
    expect([local.repomd(), statSync(local.site.path('state/local')).mtimeMs]).toEqual([repomd, index])
  })

  test('is followed: files that are new, that became others, that are gone', async () => {
    await using local = await makeLocal({ ...two, 'rpms/gone.rpm': { name: 'gone' } })
    await local.mirror('sync')
    const before = readFileSync(local.site.path('root/own/Packages/a/alpha.rpm'))
    local.remove('rpms/gone.rpm')
    await local.put('rpms/new.rpm', { name: 'new' })
    // As large and, put back by a tool that copies times, as old.
    const other = makeRpm({ name: 'alpha', version: '2.0' })
    expect(other.length).toBe(before.length)
    await local.put('rpms/alpha.rpm', other)
    const { status, stdout } = await local.mirror('sync')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/\nown +3 +2 +2 .* generation 2\n$/)])
    const { hrefs, problems } = await local.seen()
    expect([hrefs.map((href) => basename(href)), problems]).toEqual([['alpha.rpm', 'beta.rpm', 'new.rpm'], []])
    // Whoever reads the generation before finds its bytes under its name, and so does nobody else.
    const changed = hrefs.find((href) => href.endsWith('alpha.rpm')) as string
    expect(readFileSync(local.site.path('root/own', changed))).toEqual(other)
    expect(readFileSync(local.site.path('root/own/Packages/a/alpha.rpm'))).toEqual(before)
  })

  test('may hold files that are still being written: the next run takes them', async () => {
    await using local = await makeLocal(two)
    const grown = makeRpm({ name: 'grown' })
    const file = await local.put('rpms/grown.rpm', grown.subarray(0, 100))
    const { status, stderr } = await whileGrowing(file, () => local.mirror('sync'))
    expect([status, stderr]).toEqual([0, expect.stringContaining(`warning: own: ${file} is still being written`)])
    expect(await local.seen()).toEqual(both)
    writeFileSync(file, grown)
    expect(await local.mirror('sync')).toMatchObject({ status: 0 })
    expect((await local.seen()).hrefs).toEqual([...both.hrefs, 'Packages/g/grown.rpm'])
  })

  test('does not lose a package that is just being replaced', async () => {
    await using local = await makeLocal(two)
    await local.mirror('sync')
    const { status, stderr } = await whileGrowing(local.site.path('rpms/alpha.rpm'), () => local.mirror('sync'))
    expect([status, stderr]).toEqual([0, expect.stringContaining('rpms/alpha.rpm is still being written')])
    expect(await local.seen()).toEqual(both)
  })

  test('with a broken file is published without it, and every run says so until it is mended', async () => {
    await using local = await makeLocal(two)
    const file = await local.put('rpms/broken.rpm', makeRpm({ name: 'broken' }).subarray(0, 200))
    await local.put('rpms/a?b.rpm', { name: 'alpha' })
    for (const result of ['generation 1', 'unchanged']) {
      const { status, stdout, stderr } = await local.mirror('sync')
      expect([status, stdout]).toEqual([4, expect.stringMatching(new RegExp(`${result}, 2 left out\n$`))])
      expect(stderr).toContain(`warning: own: ${file} is left out: it is cut off`)
      expect(stderr).toMatch(/rpms\/a\?b\.rpm is left out: .*its name holds a control character, \? or #\n/)
    }
    expect(await local.seen()).toEqual(both)
    expect((await local.mirror('status')).stdout).toMatch(/ unchanged, but 2 files are left out\n$/)
    expect(JSON.parse((await local.mirror('sync', '--json')).stdout)).toMatchObject({ repos: [{ leftOut: 2 }] })
    await local.put('rpms/broken.rpm', { name: 'mended' })
    local.remove('rpms/a?b.rpm')
    expect(await local.mirror('sync')).toMatchObject({ status: 0 })
    expect((await local.seen()).hrefs).toHaveLength(3)
  })

  test('that is gone or empty, as a mount point without its mount, takes nothing away', async () => {
    await using local = await makeLocal({ ...two, 'other/gamma.rpm': { name: 'gamma' } }, { local: ['rpms', 'other'] })
    await local.mirror('sync')
    const before = await local.seen()
    local.remove('other')
    const gone = await local.mirror('sync')
    expect(gone.status).toBe(1)
    expect(gone.stderr).toMatch(
      /E_IO own: Cannot read the local folder \S+\/other: no such file or directory; is its file system mounted\?; generation 1 is still served\n/,
    )
    await local.put('other/README', '')
    const empty = await local.mirror('sync')
    expect(empty.status).toBe(1)
    expect(empty.stderr).toMatch(/E_SHRINK own: the local folder \S+\/other went from 1 packages to none: /)
    expect(await local.seen()).toEqual(before)
    expect(await local.mirror('sync', '--accept-shrink')).toMatchObject({ status: 0 })
    expect(await local.seen()).toEqual(both)
  })

  test('that lost most of its packages is held as an upstream is', async () => {
    const many = Array.from({ length: 30 }, (_, i) => [`rpms/p${i}.rpm`, { name: `p${i}` }])
    await using local = await makeLocal({ ...two, ...Object.fromEntries(many) })
    await local.mirror('sync')
    for (const [path] of many) local.remove(path as string)
    const { status, stderr } = await local.mirror('sync')
    const line = `E_SHRINK own: Cannot sync from ${local.site.path('rpms')}: the upstream went from 32 packages to 2`
    expect([status, stderr]).toEqual([1, expect.stringContaining(line)])
  })

  test('brings comps, updateinfo and modules along as long as they are there', async () => {
    await using local = await makeLocal({ ...two, 'other/gamma.rpm': { name: 'gamma' } }, { local: ['rpms', 'other'] })
    const comps = await local.put('rpms/comps.xml', '<comps><group><id>core</id></group></comps>\n')
    const second = await local.put('other/comps.xml', '<comps/>\n')
    await local.put('other/updateinfo.xml', '<updates/>\n')
    await local.put('rpms/modules.yaml', '---\ndocument: modulemd\nversion: 2\ndata:\n  name: m\n  stream: s\n...\n')
    const { status, stderr } = await local.mirror('sync')
    expect(status).toBe(0)
    expect(stderr).toContain(`${second} is left out: a repository has one group, which is ${comps}\n`)
    expect(typesOf(local)).toEqual(['group', 'modules', 'updateinfo'])
    expect((await local.seen()).problems).toEqual([])
    for (const path of ['rpms/comps.xml', 'other/comps.xml', 'rpms/modules.yaml']) local.remove(path)
    await local.mirror('sync')
    expect(typesOf(local)).toEqual(['updateinfo'])
  })

  test('is planned by --dry-run without a package copied', async () => {
    await using local = await makeLocal(two)
    const { status, stdout } = await local.mirror('sync', '--dry-run')
    expect([status, stdout]).toEqual([0, expect.stringMatching(/\nown +2 +2 +\S+ kB +2 +\S+ kB\n$/)])
    expect((await local.mirror('config', 'check')).stdout).toContain(`own         own   ${local.site.path('rpms')}\n`)
  })

  test('stops at once when it is told to, between its two looks too', async () => {
    await using local = await makeLocal(two)
    await using running = spawnMirror(['sync', '-c', local.site.configFile])
    const index = local.site.path('state/local')
    while (statSync(index, { throwIfNoEntry: false }) === undefined)
      await new Promise((resolve) => setTimeout(resolve, 20))
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ status: 143, stderr: expect.stringContaining('E_INTERRUPTED own: ') })
    expect(await local.mirror('sync')).toMatchObject({ status: 0 })
  })
})

test('a folder that is configured no more leaves nothing behind, and is not touched itself', async () => {
  await using local = await makeLocal(two)
  await local.mirror('sync')
  await local.site.writeConfig({ repos: { others: { local: 'rpms' } } })
  await local.mirror('sync')
  expect(readdirSync(local.site.path('state/local'))).toEqual([expect.stringMatching(/^others-/)])
  expect(readdirSync(local.site.path('rpms'))).toEqual(['alpha.rpm', 'deep'])
})

describe.concurrent('several local folders', () => {
  test('of one name are one repository, in whatever order', async () => {
    const packages = { 'a/rpms/alpha.rpm': { name: 'alpha' }, 'b/rpms/beta.rpm': { name: 'beta' } }
    await using local = await makeLocal(packages, { local: ['a/rpms', 'b/rpms'] })
    await local.mirror('sync')
    expect(await local.seen()).toEqual(both)
    await local.configure({ local: ['b/rpms', 'a/rpms'] })
    expect((await local.mirror('sync')).stdout).toMatch(/unchanged\n$/)
    await local.configure({ local: 'a/rpms' })
    await local.mirror('sync')
    expect(await local.seen()).toEqual({ hrefs: ['Packages/a/alpha.rpm'], problems: [] })
  })

  test('may hold files of one name that are not the same', async () => {
    const packages = { 'a/x.rpm': { name: 'alpha' }, 'b/x.rpm': { name: 'beta' } }
    await using local = await makeLocal(packages, { local: ['a', 'b'] })
    expect(await local.mirror('sync')).toMatchObject({ status: 0 })
    const { hrefs, problems } = await local.seen()
    expect([hrefs, problems]).toEqual([
      [expect.stringMatching(/^Packages\/x\/[0-9a-f]{16}\/x\.rpm$/), 'Packages/x/x.rpm'],
      [],
    ])
  })
})

describe.skipIf(!judge('dnf')).concurrent('dnf', () => {
  test('sees the newest alone, and downloads what lies in the folder', async () => {
    const versions = ['1.0', '1.9', '1.10'].map((version) => [`rpms/a-${version}.rpm`, { name: 'alpha', version }])
    const packages = { ...Object.fromEntries(versions), 'rpms/beta.rpm': { name: 'beta', requires: ['alpha'] } }
    await using local = await makeLocal(packages, { newest_only: true })
    await local.mirror('sync')
    const dnf = dnfIn(local.site.dir)
    const published = local.site.path('root/own')
    expect(await nevras(dnf, published)).toEqual(['alpha-0:1.10-1.x86_64', 'beta-0:1.0-1.x86_64'])
    await dnf(published, 'reposync', `--download-path=${local.site.path('got')}`, '--norepopath')
    const got = local.site.path('got/Packages/a/a-1.10.rpm')
    expect(readFileSync(got)).toEqual(readFileSync(local.site.path('rpms/a-1.10.rpm')))
  })
})

/** Runs with a file that changes all the time, as under a slow upload. */
async function whileGrowing<T>(file: string, run: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => appendFileSync(file, 'more'), 50)
  try {
    return await run()
  } finally {
    clearInterval(timer)
  }
}

/** The types of records besides those of packages, in the order of repomd.xml. */
function typesOf(local: LocalFolders): string[] {
  const types = [...local.repomd().matchAll(/<data type="([^"]*)"/g)].map(([, type]) => type as string)
  return types.filter((type) => !['primary', 'filelists', 'other'].includes(type))
}
