import { createHash } from 'node:crypto'
import { readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeRepository, type PackageSpec, packageFile } from '../helpers/repository.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { startUpstream } from '../helpers/upstream.ts'
import { dnfIn, nevras } from './clients.ts'
import { publish } from './published.ts'

const common = { arch: ['x86_64', 'noarch'] }

describe.skipIf(!judge('dnf'))('dnf lists and downloads from the mirror what the upstream has', () => {
  test('under names with characters that URLs are particular about', async () => {
    await using upstream = await makeTemporaryFolder()
    const names = [
      'c++',
      'caret^1',
      'tilde~1',
      'a space',
      'per%2Bcent',
      'per%20cent',
      'a&b',
      "it's",
      'æøå',
      '[x]',
      'a;b=c,d@e!f(g)',
    ]
    const files = names.map((name, i) => ({ name: `p${i}`, href: `Packages/p/${name}-1.0-1.x86_64.rpm` }))
    const folders = names.map((name, i) => ({ name: `q${i}`, href: `Packages/${name}/q${i}-1.0-1.x86_64.rpm` }))
    await makeRepository(upstream.path, [...files, ...folders])
    await using server = await startUpstream(upstream.path)
    await expectSame(server.url, 2 * names.length)
  })

  test('under names that the upstream wrote as a URL has them, which dnf itself does not find there', async () => {
    await using upstream = await makeTemporaryFolder()
    const encoded = { name: 'caret', href: 'c/caret-1^2.rpm', fake: { href: 'c/caret-1%5E2.rpm' } }
    await makeRepository(upstream.path, [encoded])
    await using server = await startUpstream(upstream.path)
    await expectSame(server.url, 1)
  })

  test('at its root, beside its own folder, and behind an xml:base on the same host', async () => {
    await using site = await makeTemporaryFolder()
    await using server = await startUpstream(site.path)
    const beside: PackageSpec = { name: 'beside', href: 'pool/beside.rpm', fake: { href: '../pool/beside.rpm' } }
    const based: PackageSpec = { name: 'based', href: 'b/based.rpm' }
    await makeRepository(join(site.path, 'elsewhere'), [based])
    await makeRepository(join(site.path, 'repo'), [{ name: 'root', href: 'root-1.0-1.x86_64.rpm' }])
    await makeRepository(site.path, [
      beside,
      { ...based, xmlBase: `${server.url}elsewhere/` },
      { name: 'root', href: 'repo/root-1.0-1.x86_64.rpm', fake: { href: 'root-1.0-1.x86_64.rpm' } },
    ])
    await rename(join(site.path, 'repodata'), join(site.path, 'repo/repodata.new'))
    await rename(join(site.path, 'repo/repodata'), join(site.path, 'repo/repodata.old'))
    await rename(join(site.path, 'repo/repodata.new'), join(site.path, 'repo/repodata'))
    await expectSame(`${server.url}repo/`, 3)
  })

  test('twice: two contents of one name, and two builds of one NEVRA', async () => {
    await using upstream = await makeTemporaryFolder()
    await makeRepository(upstream.path, [
      ...['1', '2', '3'].map((epoch) => ({ name: 'same', epoch, href: `${epoch}/${packageFile({ name: 'same' })}` })),
      ...[1, 2].map((buildTime) => ({ name: 'twin', buildTime, href: `Packages/t/twin-${buildTime}.x86_64.rpm` })),
      ...['a', 'b'].map((folder, buildTime) => ({ name: 'both', buildTime, href: `${folder}/both.rpm` })),
    ])
    await using server = await startUpstream(upstream.path)
    await expectSame(server.url, 7)
  })
})

/** Mirrors an upstream; dnf must list the same there and fetch all its packages, from the folder and from the server. */
async function expectSame(upstream: string, packages: number): Promise<void> {
  await using published = await publish({ t: { baseurl: upstream, ...common } })
  const dnf = dnfIn(published.site.dir)
  const expected = await nevras(dnf, upstream)
  for (const [i, tree] of [published.folder('t'), published.url('t')].entries()) {
    const report = await checkTree(tree)
    expect(report.problems).toEqual([])
    expect(report.packages).toHaveLength(packages)
    expect(await nevras(dnf, tree)).toEqual(expected)
    const copy = published.site.path(`copy${i}`)
    await dnf(tree, 'reposync', '--norepopath', `--download-path=${copy}`)
    expect(await sha256Of(copy)).toEqual(report.packages.map(({ pkgid }) => pkgid).sort())
  }
}

/** The digests of all packages below a folder. */
async function sha256Of(folder: string): Promise<string[]> {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.rpm'))
  const digests = paths.map(async (path) =>
    createHash('sha256')
      .update(await readFile(join(folder, path)))
      .digest('hex'),
  )
  return (await Promise.all(digests)).sort()
}
