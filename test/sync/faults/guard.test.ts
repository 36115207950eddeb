import { expect, test } from 'vitest'
import { checkTree } from '../../helpers/checker.ts'
import { makeSite, runMirror } from '../../helpers/mirror.ts'
import { makeRepository } from '../../helpers/repository.ts'

function packages(count: number) {
  return Array.from({ length: count }, (_, number) => ({ name: `package${number}`, size: 10 }))
}

/** How many packages the upstream had, how many it has, `max_shrink` where it is not the default, and whether that is held. */
const losses: [before: number, after: number, maxShrink: number | undefined, isHeld: boolean][] = [
  [30, 0, undefined, true],
  [70, 48, undefined, true],
  [70, 49, undefined, false],
  [60, 41, undefined, false],
  [25, 6, undefined, false],
  [25, 5, undefined, true],
  [60, 30, 50, false],
  [60, 29, 50, true],
  [60, 0, 100, false],
  [60, 40, 0, true],
]

test('M15: an upstream that lost most of its packages is held until --accept-shrink', async () => {
  await using site = await makeSite()
  const repos = losses.map(([before, after, maxShrink, isHeld], at) => ({
    id: `repo${at}`,
    dir: site.path(`upstream${at}`),
    before,
    after,
    maxShrink,
    isHeld,
  }))
  const settings = ({ dir, maxShrink }: { dir: string; maxShrink: number | undefined }) => ({
    baseurl: `file://${dir}`,
    ...(maxShrink !== undefined && { max_shrink: `${maxShrink}%` }),
  })
  await site.writeConfig({ workers: 8, repos: Object.fromEntries(repos.map((repo) => [repo.id, settings(repo)])) })
  for (const { dir, before } of repos) await makeRepository(dir, packages(before))
  expect(await runMirror(['sync', '-c', site.configFile])).toMatchObject({ status: 0 })
  for (const { dir, after } of repos) await makeRepository(dir, packages(after))

  const { status, stderr } = await runMirror(['sync', '-c', site.configFile])
  expect(status).toBe(1)
  for (const { id, dir, before, after, maxShrink = 30, isHeld } of repos) {
    const loss = `the upstream went from ${before} packages to ${after}, more than max_shrink=${maxShrink}% fewer`
    const line = `E_SHRINK ${id}: Cannot sync from file://${dir}/: ${loss}; held: run with --accept-shrink if that is intended; generation 1 is still served`
    expect(stderr.split('\n').filter((text) => text.startsWith(`E_SHRINK ${id}:`))).toEqual(isHeld ? [line] : [])
    const { problems, packages } = await checkTree(site.path('root', id))
    expect([id, problems, packages.length]).toEqual([id, [], isHeld ? before : after])
  }

  expect(await runMirror(['sync', '-c', site.configFile, '--accept-shrink'])).toMatchObject({ status: 0 })
  for (const { id, after } of repos) {
    const { problems, packages } = await checkTree(site.path('root', id))
    expect([id, problems, packages.length]).toEqual([id, [], after])
  }
})
