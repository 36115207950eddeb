import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { historyReport } from '../../src/cli/historyReport.ts'
import { findRepo, generations } from '../../src/store/generations.ts'
import { originsOf } from '../../src/store/origins.ts'
import { lastRuns } from '../../src/store/runs.ts'
import { openLifecycle } from './lifecycle.ts'

const at = (version: string) => [{ name: 'alpha', version }, { name: 'beta' }]
const channels = ['dev', 'prod']

describe('a channel', () => {
  test('shows what was promoted to it, until something else is', async () => {
    await using life = await openLifecycle(['one'], { channels })
    await life.publish('one', at('1'))
    expect(await life.operate('promote', { to: 'dev' })).toMatchObject({
      channel: 'dev',
      repos: [
        { repo: 'one', path: 'dev/one/os', source: 'one/os', sourceGeneration: 1, shown: { generation: 1, added: 2 } },
      ],
    })
    await life.operate('promote', { to: 'prod' })
    await life.publish('one', at('2'))
    await life.operate('promote', { to: 'dev' })
    expect((await life.check('dev/one/os')).nevras).toEqual(['alpha-0:2-1.x86_64', 'beta-0:1.0-1.x86_64'])
    expect((await life.check('prod/one/os')).nevras).toEqual(['alpha-0:1-1.x86_64', 'beta-0:1.0-1.x86_64'])
    const again = await life.operate('promote', { to: 'dev' })
    expect(again.repos).toMatchObject([{ shown: { result: 'unchanged', generation: 2 } }])
    const rpm = 'Packages/b/beta-1.0-1.x86_64.rpm'
    expect(statSync(life.at(`prod/one/os/${rpm}`)).ino).toBe(statSync(life.at(`one/os/${rpm}`)).ino)
    const row = findRepo(life.state.database, 'dev/one/os') as number
    expect(originsOf(life.state.database, row)).toMatchObject([
      { generation: 2, verb: 'promote', source: 'one/os', sourceGeneration: 2, by: 'a test' },
      { generation: 1, sourceGeneration: 1 },
    ])
  })

  test('never goes back in time: who is promoted an older generation gets a newer repomd.xml', async () => {
    await using life = await openLifecycle(['one'], { channels })
    await life.publish('one', at('1'), { revision: '1700000000' })
    await life.operate('snapshot-create', { name: 'old' })
    await life.publish('one', at('2'), { revision: '1800000000' })
    await life.operate('promote', { to: 'dev' })
    const newer = await life.check('dev/one/os')
    const back = await life.operate('rollback', { repo: 'one', to: 1 })
    expect(back).toMatchObject({ result: 'published', from: 1, generation: 3, held: true })
    await life.operate('promote', { to: 'dev' })
    const older = await life.check('dev/one/os')
    expect(older).toMatchObject({ problems: [], nevras: ['alpha-0:1-1.x86_64', 'beta-0:1.0-1.x86_64'] })
    expect(Number(older.revision)).toBeGreaterThan(Number(newer.revision))
    const row = findRepo(life.state.database, 'dev/one/os') as number
    const [first, second] = generations(life.state.database, row)
    expect(second?.timestamp).toBeGreaterThan(first?.timestamp as number)
  })

  test('whose gate refuses shows what it showed, and says which gate and why', async () => {
    await using life = await openLifecycle(['one'], { channels })
    const gate = life.site.path('gate')
    writeFileSync(gate, `#!/bin/sh\ncat > ${life.site.path('told')}\nexit 3\n`)
    chmodSync(gate, 0o755)
    await life.configure({ channels: { dev: {}, prod: { gate: [gate] } } })
    await life.publish('one', at('1'))
    await life.operate('promote', { to: 'dev' })
    const [refused] = (await life.operate('promote', { to: 'prod' })).repos
    expect(refused).toMatchObject({
      gates: [{ gate, problem: 'ended with status 3' }],
      error: {
        code: 'E_GATE',
        message: `generation 1 of dev/one/os is not promoted to prod: gate ${gate} ended with status 3; it shows nothing yet`,
      },
    })
    expect(existsSync(life.at('prod'))).toBe(false)
    const row = findRepo(life.state.database, 'prod/one/os') as number
    expect(lastRuns(life.state.database, row, 9)).toMatchObject([
      {
        result: 'failed',
        message: expect.stringMatching(
          /^promote of dev\/one\/os 1 to prod\/one\/os by a test: E_GATE: generation 1 of/,
        ),
      },
    ])
    expect(await historyReport([], 9, 'table', life.site.configFile)).toMatch(/promote of dev.* by a test: E_GATE: /)
    expect(JSON.parse(readFileSync(life.site.path('told'), 'utf8'))).toMatchObject({
      event: 'gate',
      repo: 'one',
      channel: 'prod',
      path: 'prod/one/os',
      source: 'dev/one/os',
      sourceGeneration: 1,
      generation: null,
    })
    const forced = await life.operate('promote', { to: 'prod', force: true })
    expect(forced.repos).toMatchObject([{ shown: { result: 'published' } }])
  })

  test('with the gate closure takes no dependency that nothing fulfils any more', async () => {
    await using life = await openLifecycle(['one'], { channels: { dev: { gate: 'closure' } } })
    const needing = { name: 'app', requires: ['beta'] }
    await life.publish('one', [needing, { name: 'beta' }])
    expect((await life.operate('promote', { to: 'dev' })).repos).toMatchObject([
      { gates: [{ gate: 'closure' }], shown: { result: 'published' } },
    ])
    await life.publish('one', [{ ...needing, version: '2' }])
    const [refused] = (await life.operate('promote', { to: 'dev' })).repos
    expect(refused?.error?.message).toMatch(
      /^generation 2 of one\/os is not promoted to dev: gate closure finds what nothing would provide: app-2-1\.x86_64 requires beta; it still shows generation 1$/,
    )
    expect((await life.check('dev/one/os')).nevras).toEqual(['app-0:1.0-1.x86_64', 'beta-0:1.0-1.x86_64'])
  })

  test('that has another content under a name shows the promoted one, and has the old one back where that is killed', async () => {
    await using life = await openLifecycle(['one'], { channels: ['dev'], defaults: { retain: 0 } })
    await life.publish('one', [{ name: 'alpha', size: 100 }])
    await life.operate('promote', { to: 'dev' })
    await life.publish('one', [{ name: 'beta' }])
    await life.operate('gc', {})
    // The name is free at the repository's own path, and of another content in the channel.
    await life.publish('one', [{ name: 'alpha', size: 200 }])
    await life.operate('promote', { to: 'dev' })
    expect(await life.check('dev/one/os')).toMatchObject({ problems: [], nevras: ['alpha-0:1.0-1.x86_64'] })
    await life.operate('rollback', { repo: 'one', channel: 'dev', to: 1 })
    expect((await life.check('dev/one/os')).problems).toEqual([])
  })

  test('has nothing promoted that is not published, or to where there is no channel', async () => {
    await using life = await openLifecycle(['one'], { channels })
    expect((await life.operate('promote', { to: 'dev' })).repos).toMatchObject([
      { error: { code: 'E_USAGE', message: 'nothing is published at one/os yet' } },
    ])
    await expect(life.operate('promote', { to: 'nowhere' })).rejects.toThrow('no channel nowhere in ')
    await expect(life.operate('promote', { to: 'dev', from: 'dev' })).rejects.toThrow(
      'is the channel that is to be filled',
    )
    await expect(life.operate('promote', { to: 'dev', repos: ['absent'] })).rejects.toThrow('no repository absent')
  })
})

describe('the sweep', () => {
  test('keeps what a channel is to take later, for as long as that', async () => {
    const channels = { prod: { after: '7d' } }
    await using life = await openLifecycle(['one'], { channels, defaults: { retain: 0 } })
    await life.publish('one', at('1'))
    await life.publish('one', at('2'))
    await life.operate('gc', {})
    expect(existsSync(life.at('one/os/Packages/a/alpha-1-1.x86_64.rpm'))).toBe(true)
    await life.configure({ channels: ['prod'], defaults: { retain: 0 } })
    await life.operate('gc', {})
    expect(existsSync(life.at('one/os/Packages/a/alpha-1-1.x86_64.rpm'))).toBe(false)
  })

  test('removes from a channel what it superseded, when its time is over', async () => {
    await using life = await openLifecycle(['one'], { channels, defaults: { retain: 0 } })
    await life.publish('one', at('1'))
    await life.operate('promote', { to: 'dev' })
    await life.publish('one', at('2'))
    await life.operate('promote', { to: 'dev' })
    await life.operate('gc', {})
    expect(existsSync(life.at('dev/one/os/Packages/a/alpha-1-1.x86_64.rpm'))).toBe(false)
    expect((await life.check('dev/one/os')).problems).toEqual([])
  })
})

describe('a scheduled promotion', () => {
  const settings = { channels: { prod: { after: '7d', security: 'yes' } }, defaults: { retain: '30d' } }
  const days = (count: number) => count * 86_400_000

  async function agedBy(life: Awaited<ReturnType<typeof openLifecycle>>, ms: number) {
    life.state.database.prepare('UPDATE generation SET created = created - ?, superseded = superseded - ?').run(ms, ms)
    return await Promise.resolve(life)
  }

  test('takes what was shown so long ago, and nothing where nothing was', async () => {
    await using life = await openLifecycle(['one'], settings)
    await life.publish('one', at('1'))
    const early = await life.operate('promote', { to: 'prod', scheduled: true })
    expect(early.repos).toMatchObject([
      { notice: expect.stringContaining('showed nothing so long ago'), sourceGeneration: null },
    ])
    await agedBy(life, days(4))
    await life.publish('one', at('2'))
    await agedBy(life, days(4))
    const due = await life.operate('promote', { to: 'prod', scheduled: true })
    expect(due.repos).toMatchObject([{ sourceGeneration: 1, shown: { result: 'published' } }])
    await agedBy(life, days(4))
    await life.operate('promote', { to: 'prod', scheduled: true })
    expect((await life.check('prod/one/os')).nevras[0]).toBe('alpha-0:2-1.x86_64')
  })

  test('neither brings back what somebody went back from, nor goes back behind what somebody promoted', async () => {
    await using life = await openLifecycle(['one'], { channels: { prod: {} }, defaults: { retain: '30d' } })
    const shown = async () => (await life.check('prod/one/os')).nevras[0]
    for (const version of ['1', '2']) {
      await life.publish('one', at(version))
      await life.operate('promote', { to: 'prod', scheduled: true })
    }
    await life.operate('rollback', { repo: 'one', channel: 'prod' })
    const left = await life.operate('promote', { to: 'prod', scheduled: true })
    expect([left.repos[0]?.notice, await shown()]).toEqual([
      'a test went back from generation 2 of one/os in prod/one/os; promote it by hand, or wait for another one',
      'alpha-0:1-1.x86_64',
    ])
    await life.publish('one', at('3'))
    await life.operate('promote', { to: 'prod', scheduled: true })
    expect(await shown()).toBe('alpha-0:3-1.x86_64')
    await life.configure({ channels: { prod: { after: '7d' } }, defaults: { retain: '30d' } })
    const { database } = life.state
    database.prepare('UPDATE generation SET created = created - ? WHERE number = 2').run(days(8))
    const older = await life.operate('promote', { to: 'prod', scheduled: true })
    expect([older.repos[0]?.notice, await shown()]).toEqual([
      'prod/one/os shows generation 3 of it already, promoted by a test; generation 2 of one/os is older',
      'alpha-0:3-1.x86_64',
    ])
  })

  const advisory = (version: string) =>
    `<updates><update type="security" from="x" status="final" version="1"><id>SA-1</id><title>t</title><issued date="2026-01-01 00:00:00"/><pkglist><collection short="c"><name>c</name><package name="alpha" version="${version}" release="1" epoch="0" arch="x86_64"><filename>alpha-${version}-1.x86_64.rpm</filename></package></collection></pkglist></update></updates>`

  test('takes at once what only security advisories brought, and says why not where something else came too', async () => {
    await using life = await openLifecycle(['one'], settings)
    await life.publish('one', at('1'))
    await agedBy(life, days(8))
    const withAdvisory = { records: [{ type: 'updateinfo', name: 'updateinfo.xml', body: advisory('2') }] }
    await life.publish('one', [...at('2'), { name: 'gamma' }], withAdvisory)
    const held = await life.operate('promote', { to: 'prod', scheduled: true })
    expect(held.repos[0]).toMatchObject({
      sourceGeneration: 1,
      notice: expect.stringContaining('1 packages of security advisories, and 1 others'),
    })
    await life.publish('one', at('2'), withAdvisory)
    const hastened = await life.operate('promote', { to: 'prod', scheduled: true })
    expect(hastened.repos[0]).toMatchObject({ sourceGeneration: 3, shown: { result: 'published' } })
  })
})

describe('a rollback', () => {
  test('of a repository is held until it is released: syncs leave it alone', async () => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', at('1'))
    await life.publish('one', at('2'))
    expect(await life.operate('rollback', { repo: 'one' })).toMatchObject({
      path: 'one/os',
      from: 1,
      generation: 3,
      held: true,
    })
    expect(await life.check('one/os')).toMatchObject({
      problems: [],
      nevras: ['alpha-0:1-1.x86_64', 'beta-0:1.0-1.x86_64'],
    })
    const held = await life.publish('one', at('3'))
    expect(held.summary).toMatchObject({ result: 'unchanged', held: 3, generation: 3 })
    expect(await life.operate('release', { repos: ['one'] })).toEqual({ released: ['one'], free: [] })
    expect(await life.operate('release', { repos: ['one'] })).toEqual({ released: [], free: ['one'] })
    expect((await life.sync('one')).summary).toMatchObject({ result: 'published', generation: 4 })
    expect((await life.check('one/os')).nevras[0]).toBe('alpha-0:3-1.x86_64')
  })

  test('is undone by the next sync after its release, though the upstream is what it was', async () => {
    await using life = await openLifecycle(['one'])
    await life.publish('one', at('1'))
    await life.publish('one', at('2'))
    await life.operate('rollback', { repo: 'one' })
    await life.operate('release', { repos: ['one'] })
    expect((await life.sync('one')).summary).toMatchObject({ result: 'published' })
    expect((await life.check('one/os')).nevras[0]).toBe('alpha-0:2-1.x86_64')
  })

  test('goes one further back each time, and says what is there where nothing is', async () => {
    await using life = await openLifecycle(['one'])
    for (const version of ['1', '2', '3']) await life.publish('one', at(version))
    await life.operate('rollback', { repo: 'one' })
    expect(await life.operate('rollback', { repo: 'one' })).toMatchObject({ from: 1, generation: 5 })
    await expect(life.operate('rollback', { repo: 'one' })).rejects.toThrow(
      'there is nothing before generation 5 of one/os',
    )
    await expect(life.operate('rollback', { repo: 'one', to: 9 })).rejects.toThrow(
      'no generation 9 of one/os; retained are 1, 2, 3, 4',
    )
    await expect(life.operate('rollback', { repo: 'one', channel: 'x' })).rejects.toThrow('no channel x')
  })

  test('that fails leaves a repository held that was', async () => {
    await using life = await openLifecycle(['one'])
    for (const version of ['1', '2', '3']) await life.publish('one', at(version))
    await life.operate('rollback', { repo: 'one' })
    const before = await life.check('one/os')
    const obstacle = life.at('one/os/repodata/.repomd.xml.new')
    mkdirSync(obstacle)
    await expect(life.operate('rollback', { repo: 'one' })).rejects.toThrow()
    rmdirSync(obstacle)
    expect((await life.publish('one', at('4'))).summary).toMatchObject({ result: 'unchanged', held: 4 })
    expect(await life.check('one/os')).toEqual(before)
    await life.operate('rollback', { repo: 'one' })
    expect((await life.sync('one')).summary).toMatchObject({ result: 'unchanged', held: 5 })
  })
})
