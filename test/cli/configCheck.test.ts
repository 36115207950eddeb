import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeMirrored } from './mirrored.ts'

test('config check says what the configuration comes to, and touches nothing', async () => {
  await using mirrored = await makeMirrored({ one: [], two: [] }, { root: 'www', state: 'absent/state' })
  const before = listing(mirrored.site.dir)
  const { status, stdout, stderr } = await mirrored.mirror('config', 'check')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const { url } = mirrored.upstream
  expect(stdout).toBe(
    [
      'repository  path  upstream',
      `one         one   ${url}one/`,
      `two         two   ${url}two/`,
      `${mirrored.site.configFile}: 2 repositories, no mistakes`,
      '',
    ].join('\n'),
  )
  expect(listing(mirrored.site.dir)).toEqual(before)
  expect(mirrored.upstream.requests).toEqual([])
})

test('config check --json is the resolved configuration', async () => {
  await using mirrored = await makeMirrored({ one: [] })
  const { site, upstream } = mirrored
  const { stdout } = await mirrored.mirror('config', 'check', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    file: site.configFile,
    root: site.root,
    state: site.state,
    workers: expect.any(Number),
    repos: [{ id: 'one', path: 'one', baseurl: [`${upstream.url}one/`], selection: { arch: ['x86_64', 'noarch'] } }],
    warnings: [],
  })
})

test('config check says of lists of mirrors and of archives where they come from, and --connect asks no archive', async () => {
  const carried = { archive: 'el9/base' }
  const listed = { metalink: 'https://mirrors.example.org/metalink?repo=canary' }
  await using mirrored = await makeMirrored({}, { repos: { listed, carried } })
  const { stdout } = await mirrored.mirror('config', 'check')
  expect(stdout).toMatch(/^listed +listed +metalink https:\/\/mirrors\.example\.org\/metalink$/m)
  expect(stdout).toMatch(/^carried +carried +archives with el9\/base$/m)
  await mirrored.site.writeConfig({ repos: { carried } })
  expect(await mirrored.mirror('config', 'check', '--connect')).toMatchObject({ status: 0, stderr: '' })
})

test('config check compares max_disk and min_free with the file system, whose folder need not be there', async () => {
  await using mirrored = await makeMirrored(
    { one: [] },
    { state: 'absent/state', max_disk: '900000G', min_free: '800000G' },
  )
  const { status, stdout, stderr } = await mirrored.mirror('config', 'check')
  const state = mirrored.site.path('absent/state')
  const amount = '[\\d.]+ [kMGT]?B'
  expect(status).toBe(0)
  const most = 'the pool may have \\S+ TB \\(max_disk\\), \\S+ TB stays free \\(min_free\\)'
  expect(stdout).toMatch(new RegExp(`^${state}: ${amount} of ${amount} is free; ${most}$`, 'm'))
  expect(stderr).toMatch(
    new RegExp(`${state}: max_disk .* beside min_free .* is more than the file system of ${amount}, and will never`),
  )
  expect(stderr).toMatch(
    new RegExp(`${state}: min_free \\S+ TB is all of the file system of ${amount}, and nothing will be fetched`),
  )
  expect(existsSync(mirrored.site.path('absent'))).toBe(false)
})

/** Everything below a folder with what would change if it was touched. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { mode, size, mtimeMs, ctimeMs } = statSync(join(folder, name))
      return [name, mode, size, mtimeMs, ctimeMs].join(' ')
    })
    .sort()
}
