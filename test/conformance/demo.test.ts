import { mkdirSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decompress } from '../helpers/checker/digest.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { type Dnf, dnfIn, lines, nevras, reposyncHrefs, run } from './clients.ts'
import { publishDemo, upstream } from './demo.ts'
import type { Published } from './published.ts'

const mirrored = ['whole', 'newest'] as const
const wantedArchs = ['x86_64', 'i686', 'noarch'].map((arch) => `--arch=${arch}`)

let demo: Published
let dnf: Dnf

beforeAll(async () => {
  demo = await publishDemo()
  dnf = dnfIn(demo.site.dir)
})
afterAll(() => demo[Symbol.asyncDispose]())

test.each(mirrored)('the checker finds nothing wrong with the %s tree', async (id) => {
  expect((await checkTree(demo.folder(id))).problems).toEqual([])
  expect((await checkTree(demo.url(id))).problems).toEqual([])
})

describe.skipIf(!judge('dnf'))('dnf', () => {
  test('lists what the upstream lists where all of it is mirrored', async () => {
    const expected = await nevras(dnf, upstream)
    expect(expected).toHaveLength(26)
    expect(await nevras(dnf, demo.url('whole'))).toEqual(expected)
  })

  test('would reposync from the newest-only tree what it selects from the upstream itself', async () => {
    const expected = await reposyncHrefs(dnf, upstream, '--newest-only', ...wantedArchs)
    expect(expected.length).toBeGreaterThan(10)
    expect(await reposyncHrefs(dnf, demo.url('newest'))).toEqual(expected)
  })

  test.each(mirrored)('lists the modules and groups of the %s tree as the upstream’s', async (id) => {
    for (const verb of ['module', 'group']) {
      const expected = await dnf(upstream, verb, 'list')
      expect(expected).toMatch(/^chart +2 |Navigation & Tides/m)
      expect(await dnf(demo.url(id), verb, 'list')).toBe(expected)
    }
  })

  test.each(['list', 'info'])('says the advisories for installed packages as from the upstream: %s', async (what) => {
    const host = await hostWith(demo.site.path(what), ['f/foghorn-1.4.2-1.x86_64', 'l/libfoghorn-1.4.2-1.x86_64'])
    const expected = await dnf(upstream, 'updateinfo', what, '--available', `--installroot=${host}`)
    expect(expected).toContain('HWSA-2025:0006')
    for (const id of mirrored)
      expect(await dnf(demo.url(id), 'updateinfo', what, '--available', `--installroot=${host}`)).toBe(expected)
  })
})

/** A root where rpm has these of the upstream's packages installed, by its database alone: that needs no privilege. */
async function hostWith(root: string, packages: string[]): Promise<string> {
  const database = join(root, (await run('rpm', ['-E', '%_dbpath'])).trim())
  mkdirSync(database, { recursive: true })
  const files = packages.map((name) => join(upstream, `Packages/${name}.rpm`))
  await run('rpm', [`--dbpath=${database}`, '-i', '--justdb', '--nodeps', '--ignorearch', ...files])
  return root
}

test.skipIf(!judge('xmllint')).each(mirrored)('every XML document of the %s tree is well-formed', async (id) => {
  const repodata = join(demo.folder(id), 'repodata')
  const documents = (await readdir(repodata)).filter((name) => name.includes('.xml'))
  expect(documents.length).toBeGreaterThanOrEqual(7)
  for (const name of documents) {
    const plain = demo.site.path('plain.xml')
    await writeFile(plain, decompress(await readFile(join(repodata, name))))
    expect(lines(await run('xmllint', ['--noout', '--nonet', plain])), name).toEqual([])
  }
})
