import { cp, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { type Dnf, dnfIn, isRoot, lines, nevras, run } from './clients.ts'
import { publishDemo } from './demo.ts'
import type { Published } from './published.ts'

const mirrored = ['whole', 'newest'] as const

let demo: Published
let dnf: Dnf

beforeAll(async () => {
  demo = await publishDemo()
  dnf = dnfIn(demo.site.dir)
  if (!isRoot) console.warn('skipped: dnf installs into a root folder only for root')
})
afterAll(() => demo[Symbol.asyncDispose]())

describe.skipIf(!judge('dnf'))('dnf', () => {
  test.each(mirrored)('fetches and verifies every package of the %s tree by reposync', async (id) => {
    const copy = demo.site.path(`reposync-${id}`)
    await dnf(demo.url(id), 'reposync', `--download-path=${copy}`, '--norepopath', '--download-metadata')
    expect(await packageFiles(copy)).toEqual(await packageFiles(demo.folder(id)))
    expect((await checkTree(copy)).problems).toEqual([])
  })

  test('downloads a package and what it needs', async () => {
    const folder = demo.site.path('download')
    const request = ['--resolve', `--installroot=${demo.site.path('nothing')}`, `--downloaddir=${folder}`]
    await dnf(demo.url('newest'), 'download', ...request, 'lighthouse')
    const found = (await readdir(folder)).sort()
    expect(found).toContain('lighthouse-2.0^20250414git1a2b3c4-1.x86_64.rpm')
    expect(found).toContain('foghorn-1.5.0-2.x86_64.rpm')
  })

  test.skipIf(!isRoot)('installs packages, a group and a module stream into an empty root', async () => {
    const root = demo.site.path('installed')
    await dnf(
      demo.url('newest'),
      'install',
      '-y',
      `--installroot=${root}`,
      'lighthouse',
      '@harbour-navigation',
      '@chart:2/common',
    )
    const database = join(root, (await run('rpm', ['-E', '%_dbpath'])).trim())
    const found = lines(await run('rpm', [`--dbpath=${database}`, '-qa', '--qf', '%{name}-%{evr}.%{arch}\\n']))
    expect(found).toContain('lighthouse-2.0^20250414git1a2b3c4-1.x86_64')
    expect(found).toContain('chart-plotter-2.1.0-1.module+el9+207+8b2e47a0.x86_64')
    expect(lines(await run('rpm', [`--root=${root}`, `--dbpath=${database.slice(root.length)}`, '-Va']))).toEqual([])
  })
})

describe.skipIf(!judge('createrepo_c', 'dnf'))('createrepo_c --update', () => {
  test.each(mirrored)('takes over every record of the %s tree and lists the same packages', async (id) => {
    const copy = demo.site.path(`update-${id}`)
    await cp(demo.folder(id), copy, { recursive: true, preserveTimestamps: true })
    const files = await packageFiles(copy)
    // It reuses a record only where size and mtime agree, so this judges the times of our files too.
    const told = await run('sh', ['-c', 'exec createrepo_c --verbose --update "$1" 2>&1', 'sh', copy])
    expect(told.match(/CACHE HIT/g)).toHaveLength(files.length)
    expect((await checkTree(copy)).problems).toEqual([])
    expect(await nevras(dnf, copy)).toEqual(await nevras(dnf, demo.folder(id)))
  })
})

test.skipIf(!judge('rpmkeys')).each(mirrored)(
  'rpm finds the digests of all packages of the %s tree right',
  async (id) => {
    const files = await packageFiles(demo.folder(id))
    const verdicts = lines(await run('rpmkeys', ['-K', '--nosignature', ...files], demo.folder(id)))
    expect(verdicts).toEqual(files.map((file) => `${file}: digests OK`).sort())
  },
)

/** The packages below a folder, as paths in it. */
async function packageFiles(folder: string): Promise<string[]> {
  const paths = await readdir(folder, { recursive: true })
  return paths.filter((path) => path.endsWith('.rpm')).sort()
}
