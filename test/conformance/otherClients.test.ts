import { mkdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { dnfIn, installed, isRoot, nevras, run } from './clients.ts'
import { publishDemo } from './demo.ts'
import type { Published } from './published.ts'

const mirrored = ['whole', 'newest'] as const

describe.skipIf(!installed('dnf5'))('dnf 5', () => {
  let demo: Published
  beforeAll(async () => {
    demo = await publishDemo()
  })
  afterAll(() => demo[Symbol.asyncDispose]())

  test.each(mirrored)('lists all packages of the %s tree', async (id) => {
    const { packages } = await checkTree(demo.folder(id))
    expect(await nevras(dnfIn(demo.site.dir, 'dnf5'), demo.url(id))).toEqual(packages.map(({ nevra }) => nevra).sort())
  })

  test('lists modules and groups', async () => {
    const dnf5 = dnfIn(demo.site.dir, 'dnf5')
    expect(await dnf5(demo.url('newest'), 'module', 'list')).toMatch(/^chart +2 /m)
    expect(await dnf5(demo.url('newest'), 'group', 'list')).toContain('Navigation & Tides')
  })

  test.each(mirrored)('fetches and verifies every package of the %s tree by reposync', async (id) => {
    const copy = demo.site.path(`reposync-${id}`)
    const options = [`--download-path=${copy}`, '--norepopath', '--download-metadata']
    await dnfIn(demo.site.dir, 'dnf5')(demo.url(id), 'reposync', ...options)
    expect((await checkTree(copy)).problems).toEqual([])
  })
})

describe.skipIf(!isRoot || !installed('zypper'))('zypper', () => {
  let demo: Published
  beforeAll(async () => {
    demo = await publishDemo()
  })
  afterAll(() => demo[Symbol.asyncDispose]())

  test('lists all packages of the newest-only tree', async () => {
    const { packages } = await checkTree(demo.folder('newest'))
    const zypper = zypperIn(demo.site.path('zypper'), demo.url('newest'))
    await zypper('refresh')
    const found = await zypper('--xmlout', 'search', '--details', '--type=package')
    const solvables = [...found.matchAll(/<solvable [^>]*name="([^"]*)"[^>]* edition="([^"]*)" arch="([^"]*)"/g)]
    const labels = solvables.map(([, name, evr = '', arch]) => `${name}-${evr.includes(':') ? '' : '0:'}${evr}.${arch}`)
    expect(labels.sort()).toEqual(packages.map(({ nevra }) => nevra).sort())
  })

  test('downloads a package and what it needs', async () => {
    const root = demo.site.path('zypper')
    await zypperIn(root, demo.url('newest'))('install', '--download-only', 'lighthouse')
    const files = await readdir(join(root, 'var/cache/zypp/packages'), { recursive: true })
    const found = files.filter((file) => file.endsWith('.rpm')).map((file) => file.replace(/.*\//, ''))
    expect(found).toContain('lighthouse-2.0^20250414git1a2b3c4-1.x86_64.rpm')
    expect(found).toContain('foghorn-1.5.0-2.x86_64.rpm')
  })
})

/** Runs zypper on a root of its own with one repository. */
function zypperIn(root: string, url: string): (...args: string[]) => Promise<string> {
  mkdirSync(join(root, 'etc/zypp/repos.d'), { recursive: true })
  writeFileSync(join(root, 'etc/zypp/repos.d/t.repo'), `[t]\nname=t\nbaseurl=${url}\ntype=rpm-md\ngpgcheck=0\n`)
  return (...args) => run('zypper', [`--root=${root}`, '--non-interactive', '--no-gpg-checks', ...args])
}
