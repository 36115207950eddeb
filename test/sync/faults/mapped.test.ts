import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'
import { startUpstream } from '../../helpers/upstream.ts'
import { listing } from './listing.ts'

/** Odd hrefs that are no attack: where their files are on the server, below its root, and where ours are. */
const odd: [href: string, file: string, path: string][] = [
  ['../shared/up.rpm', 'shared/up.rpm', 'Packages/u/up.rpm'],
  ['../../../../beyond.rpm', 'beyond.rpm', 'Packages/b/beyond.rpm'],
  ['/root/absolute.rpm', 'root/absolute.rpm', 'Packages/a/absolute.rpm'],
  ['Packages/../inner.rpm', 'repo/inner.rpm', 'Packages/i/inner.rpm'],
  ['./here.rpm', 'repo/here.rpm', 'Packages/h/here.rpm'],
  ['REPODATA/upper.rpm', 'repo/REPODATA/upper.rpm', 'Packages/u/upper.rpm'],
  ['repodata/among.rpm', 'repo/repodata/among.rpm', 'Packages/a/among.rpm'],
  ['.hidden/folder.rpm', 'repo/.hidden/folder.rpm', 'Packages/f/folder.rpm'],
  ['Packages/.hidden/deep.rpm', 'repo/Packages/.hidden/deep.rpm', 'Packages/d/deep.rpm'],
  ['-rf.rpm', 'repo/-rf.rpm', 'Packages/_/-rf.rpm'],
  ['$(id).rpm', 'repo/$(id).rpm', 'Packages/_/$(id).rpm'],
  [';reboot.rpm', 'repo/;reboot.rpm', 'Packages/_/;reboot.rpm'],
  ['a%20b.rpm', 'repo/a b.rpm', 'Packages/a/a b.rpm'],
  ['%C3%BC.rpm', 'repo/ü.rpm', 'Packages/_/ü.rpm'],
  ['Packages/p/package.rpm/below.rpm', 'repo/Packages/p/package.rpm/below.rpm', 'Packages/b/below.rpm'],
  ['x/twin.rpm', 'repo/x/twin.rpm', 'Packages/t/twin.rpm'],
]

test('M1 and M2: odd hrefs are mapped into Packages/, and nothing is written elsewhere', async () => {
  await using site = await makeSite()
  await using upstream = await startUpstream(site.path('upstream'))
  await site.writeConfig({ repos: { repo: { baseurl: `${upstream.url}repo/` } } })
  const specs = odd.map(([href], at) => ({ name: `p${at}`, fake: { href } }))
  const twin = { name: 'other-twin', href: 'y/twin.rpm' }
  await makeRepository(site.path('upstream/repo'), [...specs, twin])
  for (const [at, [, file]] of odd.entries()) {
    await mkdir(dirname(site.path('upstream', file)), { recursive: true })
    await rename(site.path(`upstream/repo/Packages/p/p${at}-1.0-1.x86_64.rpm`), site.path('upstream', file))
  }
  const before = await listing(site.dir)
  const run = await runMirror(['sync', '-c', site.configFile])
  expect(run).toMatchObject({ status: 0 })
  const { problems, packages } = await checkTree(site.path('root/repo'))
  expect({ problems, count: packages.length }).toEqual({ problems: [], count: odd.length + 1 })

  const files = (await listing(site.root)).map((line) => line.replace(/ [0-9a-f]{64}$/, ''))
  const rpms = files.filter((path) => path.endsWith('.rpm')).map((path) => path.replace('repo/', ''))
  const paths = odd.map(([, , path]) => path)
  expect(rpms.filter((path) => !/^Packages\/t\/[0-9a-f]{16}\/twin\.rpm$/.test(path)).sort()).toEqual(paths.sort())
  expect(rpms).toHaveLength(paths.length + 1)
  const outside = (await listing(site.dir)).filter((line) => !/^(root|state)\//.test(line))
  expect(outside).toEqual(before.filter((line) => line !== 'root/'))
})
