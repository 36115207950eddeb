import { describe, expect, test } from 'vitest'
import type { PackageSpec } from '../helpers/repository.ts'
import { type Syncing, startSyncing } from './syncing.ts'

const day = 86_400_000
const settings = { min_age: '7d', newest_only: true }
const now = () => Math.floor(Date.now() / 1000)
const version = (version: string, buildTime?: number): PackageSpec => ({
  name: 'alpha',
  version,
  ...(buildTime !== undefined && { buildTime }),
})
const old = version('1')

describe('a package that is younger than min_age', () => {
  test('is held back before the newest are chosen, and taken when it is so old', async () => {
    await using syncing = await startSyncing([old])
    expect(await syncing.run(settings)).toMatchObject({ packages: 1, until: undefined })
    await syncing.offer([old, version('2')])
    const before = Date.now()
    const { until, packages } = (await syncing.run(settings))!
    expect(packages).toBe(1)
    expect(until).toBeGreaterThanOrEqual(before + 7 * day)
    expect(until).toBeLessThanOrEqual(Date.now() + 7 * day)
    expect(await versions(syncing)).toEqual(['1'])
    const held = '1 package is younger than min_age and held back, the first until'
    expect(syncing.notices).toEqual([`info: ${held} ${new Date(until as number).toISOString()}`])
    letPass(syncing, 6.9)
    expect(await syncing.run(settings)).toBeUndefined()
    letPass(syncing, 0.2)
    expect(await syncing.run(settings)).toMatchObject({ result: 'published', until: undefined })
    expect(await versions(syncing)).toEqual(['2'])
  })

  test('waits for the first of several, whatever comes meanwhile', async () => {
    await using syncing = await startSyncing([old])
    await syncing.run(settings)
    await syncing.offer([old, version('2')])
    const first = await syncing.run(settings)
    letPass(syncing, 3)
    await syncing.offer([old, version('2'), version('3')])
    const second = await syncing.run(settings)
    expect(second?.until).toBe((first?.until as number) - 3 * day)
    letPass(syncing, 4.1)
    const third = await syncing.run(settings)
    expect(third?.until).toBeGreaterThan(Date.now() + 2 * day)
    expect(await versions(syncing)).toEqual(['2'])
  })

  test('does not keep a look from saying that there is nothing to do, where it is not wanted', async () => {
    await using syncing = await startSyncing([old])
    await syncing.run({ ...settings, excludepkgs: 'alpha-2' })
    await syncing.offer([old, version('2'), { name: 'beta', arch: 'aarch64' }])
    expect(await syncing.run({ ...settings, excludepkgs: 'alpha-2' })).toMatchObject({ until: undefined })
  })

  test('is so by its build, where that is asked for', async () => {
    const fresh = version('2', now() - 3 * 86_400)
    await using syncing = await startSyncing([old, fresh])
    const byBuild = { ...settings, age: 'build' }
    expect(await syncing.run(byBuild)).toMatchObject({ until: ((fresh.buildTime as number) + 7 * 86_400) * 1000 })
    expect(await versions(syncing)).toEqual(['1'])
    expect(await syncing.run({ ...byBuild, min_age: '2d' })).toMatchObject({ until: undefined })
    expect(await versions(syncing)).toEqual(['2'])
  })

  test('is so by its build, too, when a repository is synced for the first time', async () => {
    await using syncing = await startSyncing([old, version('2', now() - 3 * 86_400), version('3', now() + 9 * 86_400)])
    await syncing.run(settings)
    expect(await versions(syncing)).toEqual(['1'])
    letPass(syncing, 4.1)
    await syncing.run(settings)
    expect(await versions(syncing)).toEqual(['2'])
    letPass(syncing, 3)
    await syncing.run(settings)
    expect(await versions(syncing)).toEqual(['3'])
  })

  test('is not withdrawn where it is published, nor one that was signed anew', async () => {
    await using syncing = await startSyncing([old])
    await syncing.run({ newest_only: true })
    await syncing.offer([old, version('2', now())])
    await syncing.run({ newest_only: true })
    expect(await syncing.run(settings)).toMatchObject({ until: undefined })
    expect(await versions(syncing)).toEqual(['2'])
    letPass(syncing, 8)
    await syncing.offer([
      { ...old, size: 800 },
      { ...version('2', now()), size: 900 },
    ])
    await syncing.run(settings)
    expect(await versions(syncing)).toEqual(['2'])
  })

  test('is taken at once where an advisory of type security names it', async () => {
    const offered = [old, version('2'), { name: 'beta' }, { name: 'gamma' }]
    await using syncing = await startSyncing([old])
    await syncing.run(settings)
    const advisories = [
      advisory('security', `<package name="alpha" epoch="0" version="2" release="1" arch="x86_64"/>`),
      advisory('security', '<package><filename>beta-1.0-1.x86_64.rpm</filename></package>'),
      advisory('bugfix', `<package name="gamma" epoch="0" version="1.0" release="1" arch="x86_64"/>`),
    ]
    const body = `<updates>${advisories.join('')}</updates>`
    await syncing.offer(offered, { records: [{ type: 'updateinfo', name: 'updateinfo.xml.gz', body }] })
    expect((await syncing.run(settings))?.until).toBeGreaterThan(Date.now())
    expect((await syncing.check()).hrefs).toEqual([
      'Packages/a/alpha-2-1.x86_64.rpm',
      'Packages/b/beta-1.0-1.x86_64.rpm',
    ])
    await syncing.offer(offered)
    await syncing.run(settings)
    expect(await versions(syncing)).toEqual(['2'])
  })
})

test('of packages that the upstream dropped nothing is remembered, and one that comes back is new', async () => {
  await using syncing = await startSyncing([old, version('2')])
  await syncing.run(settings)
  await syncing.offer([old])
  await syncing.run(settings)
  expect(syncing.state.database.prepare('SELECT nevra FROM seen').all()).toEqual([{ nevra: 'alpha-1-1.x86_64' }])
  await syncing.offer([old, version('2')])
  await syncing.run(settings)
  expect(await versions(syncing)).toEqual(['1'])
})

function advisory(type: string, packages: string): string {
  const list = `<pkglist><collection short=""><name>c</name>${packages}</collection></pkglist>`
  return `<update from="a" status="final" type="${type}" version="1"><id>${type}</id>${list}</update>`
}

/** The versions of alpha that clients see. */
async function versions(syncing: Syncing): Promise<string[]> {
  const { problems, hrefs } = await syncing.check()
  expect(problems).toEqual([])
  return hrefs.flatMap((href) => /alpha-(.+)-1\./.exec(href)?.[1] ?? [])
}

/** Puts what is remembered back in time, as if the days had passed. */
function letPass({ state }: Syncing, days: number): void {
  state.database.exec(`UPDATE seen SET at = at - ${days * day}; UPDATE look SET until = until - ${days * day}`)
}
