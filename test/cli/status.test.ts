import { readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { listing } from '../sync/faults/listing.ts'
import { type Mirrored, makeMirrored } from './mirrored.ts'

const packages = ['alpha', 'beta'].map((name) => ({ name }))

describe.concurrent('mirror status', () => {
  test('before the first sync says so, and makes nothing', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    const { status, stdout, stderr } = await mirrored.mirror('status')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(
      [
        'repository  generation  published  checked  packages  size  trust  last run',
        'one                  -  never      never           -     -  -      never',
        '',
      ].join('\n'),
    )
    expect(readdirSync(mirrored.site.dir).sort()).toEqual(['mirror.yaml', 'root', 'upstream'])
    const { repos } = JSON.parse((await mirrored.mirror('status', '--json')).stdout) as { repos: unknown[] }
    expect(repos).toMatchObject([
      { repo: 'one', path: 'one', state: 'never', generation: null, checked: null, lastRun: null },
    ])
  })

  test('says what is published and how the last run ended, and changes nothing', async () => {
    await using mirrored = await makeMirrored({ good: packages, bad: packages })
    await mirrored.mirror('sync', 'good')
    mirrored.upstream.rules.push({ path: /^\/bad\/.*repomd/, fault: { kind: 'status', status: 404 } })
    await mirrored.mirror('sync', 'bad')
    const before = await filesOf(mirrored)
    const { status, stdout } = await mirrored.mirror('status')
    expect(status).toBe(0)
    expect(stdout).toMatch(/\ngood +1 {2}\d+ s ago +\d+ s ago +2 {2}1\.4 kB {2}none +published\n/)
    expect(stdout).toMatch(/\nbad +- {2}never +never +- +- {2}- +E_HTTP bad: Cannot fetch .*404 \(not found\)\n/)
    expect(await filesOf(mirrored)).toEqual(before)
  })

  test('--json has times as text and everything that is recorded', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    await mirrored.mirror('sync')
    const { repos } = JSON.parse((await mirrored.mirror('status', '--json', 'o*')).stdout) as { repos: unknown[] }
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(repos).toMatchObject([
      {
        repo: 'one',
        path: 'one',
        state: 'ok',
        generation: expect.objectContaining({ number: 1, state: 'published', packages: 2, bytes: 1400, trust: 'none' }),
        checked: time,
        lastRun: expect.objectContaining({ at: time, result: 'published', added: 2, removed: 0 }),
      },
    ])
  })

  test('the table has the age where there is an objective, and --check holds it against that', async () => {
    await using mirrored = await makeMirrored({ one: packages })
    await mirrored.mirror('sync')
    const repos = { one: { baseurl: `${mirrored.upstream.url}one/`, fresh_within: '26h' } }
    await mirrored.site.writeConfig({ repos })
    expect((await mirrored.mirror('status')).stdout).toMatch(
      / {2}age {10}last run\none .* {2}\d+ s of 26 h {2}published\n/,
    )
    const met = await mirrored.mirror('status', '--check')
    expect(met).toMatchObject({ status: 0, stdout: 'MIRROR OK - 1 repository, 1 within their objective\n' })
    await mirrored.site.writeConfig({ repos: { one: { ...repos.one, fresh_within: '0.001' } } })
    const missed = await mirrored.mirror('status', '--check')
    expect(missed.status).toBe(1)
    expect(missed.stdout).toMatch(
      /^MIRROR CRITICAL - 1 of 1 repository: one\none: last success \d+ s ago, fresh_within is 0 s\n$/,
    )
    expect((await mirrored.mirror('status')).stdout).toMatch(/ \d+ s of 0 s, too old {2}published\n/)
  })
})

/** Every file of the site with its digest, but for what SQLite lays beside a database that is read. */
async function filesOf({ site }: Mirrored): Promise<string[]> {
  return (await listing(site.dir)).filter((line) => !/^state\/mirror\.db-(?:shm|wal) /.test(line))
}
