import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decompress } from '../helpers/checker/digest.ts'
import { makeSite } from '../helpers/mirror.ts'
import { makeRepository, type PackageSpec } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { upstream as demo } from './demo.ts'
import { sync } from './published.ts'

const documents = ['primary', 'filelists', 'other'] as const

/** Two packages that stay where they are, two that move, one with a name that needs escaping, one that is not wanted. */
const specs: PackageSpec[] = [
  { name: 'alpha' },
  { name: 'beta', href: 'beta-1.0-1.x86_64.rpm', files: ['/opt/a & <b>', '/usr/share/beta/'] },
  { name: 'unwanted' },
  { name: 'gamma', href: 'RPMS/g/gamma.rpm', arch: 'noarch', requires: ['beta'] },
  { name: 'delta', version: '2^1', href: "Packages/it's & <more>.rpm" },
]
const moved: Record<string, string> = {
  'beta-1.0-1.x86_64.rpm': 'Packages/b/beta-1.0-1.x86_64.rpm',
  'RPMS/g/gamma.rpm': 'Packages/g/gamma.rpm',
}

describe('records are upstream’s own bytes, the location of what moved aside', () => {
  test.each(['gz', 'zst', 'none', 'reversed'] as const)('%s', async (way) => {
    await using upstream = await makeTemporaryFolder()
    const options = way === 'reversed' ? { order: way } : { compression: way }
    await makeRepository(upstream.path, specs, options)
    await using site = await makeSite()
    await site.writeConfig({ repos: { t: { baseurl: upstream.path, excludepkgs: ['unwanted'], arch: ['x86_64'] } } })
    await sync(site)
    for (const name of documents) {
      const wanted = (await records(upstream.path, name)).filter((record) => !record.includes('unwanted'))
      // The same order in all three is part of what is promised.
      const expected = way === 'reversed' && name !== 'primary' ? wanted.toReversed() : wanted
      expect(await records(site.path('root/t'), name), name).toEqual(expected.map(relocated))
    }
  })

  test('of what createrepo_c wrote', async () => {
    await using site = await makeSite()
    await site.writeConfig({ repos: { t: { baseurl: demo, arch: ['x86_64'], newest_only: true } } })
    await sync(site)
    const unwanted = (await records(demo, 'primary')).length - (await records(site.path('root/t'), 'primary')).length
    expect(unwanted).toBeGreaterThan(5)
    for (const name of documents) {
      const upstreams = new Set(await records(demo, name))
      for (const record of await records(site.path('root/t'), name)) expect(upstreams).toContain(record)
    }
  })

  test('and a document of which everything is wanted is upstream’s own file', async () => {
    await using site = await makeSite()
    const arch = ['x86_64', 'i686', 'aarch64']
    await site.writeConfig({ repos: { t: { baseurl: demo, arch, source: 'also' } } })
    await sync(site)
    for (const name of documents) {
      const file = await fileOf(demo, name)
      expect(await fileOf(site.path('root/t'), name)).toBe(file)
      expect(await readFile(site.path('root/t/repodata', file))).toEqual(await readFile(join(demo, 'repodata', file)))
    }
  })
})

/** The `<package>` elements of a document as they are written. */
async function records(repo: string, name: string): Promise<string[]> {
  const document = decompress(await readFile(join(repo, 'repodata', await fileOf(repo, name)))).toString()
  return document.match(/<package [\s\S]*?<\/package>/g) ?? []
}

async function fileOf(repo: string, name: string): Promise<string> {
  return (await readdir(join(repo, 'repodata'))).find((file) => file.includes(`${name}.xml`)) ?? ''
}

function relocated(record: string): string {
  const [, href = ''] = /<location href="([^"]*)"/.exec(record) ?? []
  return moved[href] === undefined ? record : record.replace(`href="${href}"`, `href="${moved[href]}"`)
}

describe('two syncs of the same upstream give the same bytes', () => {
  test.each(['gz', 'zst'] as const)('in %s, whatever they have done before', async (compression) => {
    await using upstream = await makeTemporaryFolder()
    const many = Array.from({ length: 300 }, (_, i) => ({ name: `package${i}`, size: 40, version: `${i % 7}.${i}` }))
    await makeRepository(upstream.path, [...specs, ...many], { compression })
    await using one = await makeSite()
    await using other = await makeSite()
    const t = { baseurl: upstream.path, arch: ['x86_64'], newest_only: true, excludepkgs: ['unwanted'] }
    await one.writeConfig({ repos: { t } })
    await other.writeConfig({ repos: { demo: { baseurl: demo }, t: { ...t, max_parallel_downloads: 1 } } })
    await sync(one)
    await sync(other, 'demo')
    await sync(other, 't')
    const repodata = await bytesBelow(one.path('root/t/repodata'))
    expect(Object.keys(repodata)).toHaveLength(4)
    expect(await bytesBelow(other.path('root/t/repodata'))).toEqual(repodata)
  })
})

/** Every file of a folder, by its name. */
async function bytesBelow(folder: string): Promise<Record<string, Buffer>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])))
}
