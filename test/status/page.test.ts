import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { statusJson } from '../../src/status/json.ts'
import { pageHeaders, statusPage } from '../../src/status/page/page.ts'
import { addSnapshot } from '../../src/store/snapshots.ts'
import { alive, type History, hour, makeHistory, minute, now } from './history.ts'
import { makeBusy, makeNew, makeWell } from './installations.ts'

const base = 'http://mirror.example/'

/** The text of a page, as one line without markup. */
function textOf(history: History, live?: ReturnType<typeof alive>): string {
  const [, body = ''] = statusPage(history.report(live), { base }).split('<body>')
  const text = body.replaceAll(/<[^>]*>/g, ' ').replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
  return text.replaceAll(/\s+/g, ' ')
}

test('every repository has its state, age, objective, packages, bytes, next run and last run', async () => {
  await using history = await makeHistory({ one: { fresh_within: '26h' } })
  history.ran('one', { at: now - 40 * hour, result: 'published', milliseconds: 187_000, bytes: 1_234_567 })
  history.ran('one', { at: now - 3 * hour, result: 'published', milliseconds: 5000, bytes: 7000 })
  history.published('one', { number: 7, created: now - 3 * hour })
  const text = textOf(history, alive({ one: { next: now + 2 * hour } }))
  expect(text).toContain('1 repository 1 ok ')
  expect(text).toContain(' 3 h ago 26 h allowed, met for 72.4 % of 2 d ')
  expect(text).toContain(' 17,649 packages, 36.0 GB generation 7, 3 h ago , trust TLS ')
  expect(text).toContain(' in 2 h ')
  expect(text).toContain(' published in 5.0 s, 7.0 kB ')
  expect(text).toContain('The last 2 runs All went well; the longest took 3:07, the most that one fetched is 1.2 MB.')
})

test('a failed repository shows why, a long line cut, and what is still served', async () => {
  await using history = await makeHistory({ one: {} })
  history.ran('one', { result: 'failed', message: `E_HTTP one: ${'x'.repeat(5000)}` })
  expect(textOf(history)).toMatch(/ E_HTTP one: x{588}… nothing is served yet /)
  history.published('one', { number: 3 })
  expect(textOf(history)).toContain('… generation 3 is still served ')
})

test('what runs shows how far it is, who asked for it and since when', async () => {
  await using history = await makeBusy()
  expect(textOf(history, history.live)).toContain(
    ' Fetching: 1,234 of 17,649 packages, 1.2 GB so far began 3 min ago, asked for by schedule ',
  )
})

test('a reload that failed stands first, with its error', async () => {
  await using history = await makeBusy()
  expect(textOf(history, history.live)).toMatch(
    /The configuration was not reloaded .* E_CONFIG .*did you mean retain\? /,
  )
})

describe('an installation that is new', () => {
  test('says when its first sync begins', async () => {
    await using history = await makeNew()
    expect(textOf(history, history.live)).toContain(
      ' Nothing is published yet The first sync begins in 2 min ; mirror sync ',
    )
    expect(textOf(history, alive())).toContain(' No sync is scheduled: mirror sync begins one. ')
    const running = { since: now - minute, by: 'schedule', progress: undefined }
    expect(textOf(history, alive({ one: { running } }))).toContain(' The first sync is running now. ')
    expect(textOf(history, alive({ one: { next: now } }))).toContain(' The first sync is about to begin. ')
  })

  test('says so no more once a run has ended, however it did', async () => {
    await using history = await makeNew()
    history.ran('one', { result: 'failed', message: 'E_HTTP one: no' })
    expect(textOf(history)).not.toContain('Nothing is published yet')
  })

  test('says what to do without a repository', async () => {
    await using history = await makeHistory({ one: {} })
    const page = statusPage({ ...history.report(), repos: [] }, { base })
    expect(page).toContain('No repository is configured')
    expect(page).not.toContain('<table>')
  })
})

test('nothing from outside is markup: names, ids in links, errors', async () => {
  const evil = `"><script>alert(1)</script>'&`
  await using history = await makeHistory({ one: { name: evil } })
  history.ran('one', { result: 'failed', message: evil })
  const live = alive({ one: { running: { since: now, by: evil, progress: undefined } } }, { at: now, error: evil })
  const page = statusPage(history.report(live), { base: `http://h/${evil}` })
  expect(page).not.toContain('<script')
  expect(page).not.toContain(evil)
})

test('snapshots are listed with links to them, and in JSON', async () => {
  await using history = await makeHistory({ one: { path: 'el9/os' } })
  expect(textOf(history)).not.toContain('Snapshots')
  addSnapshot(history.database, { name: 'monday', state: 'made', by: 'anna', at: now - 3 * hour })
  expect(textOf(history)).toContain(' Snapshots monday 0 repositories, made 3 h ago by anna')
  expect(statusPage(history.report(), { base })).toContain('href="snapshots/monday/"')
  expect(JSON.parse(statusJson(history.report())).snapshots).toMatchObject([
    { name: 'monday', state: 'made', by: 'anna', at: new Date(now - 3 * hour).toISOString(), repos: [] },
  ])
})

test('its policy allows its own style and no script', async () => {
  await using history = await makeWell(1)
  const report = history.report()
  const [, style = ''] = /<style>(.*)<\/style>/s.exec(statusPage(report, { base })) ?? []
  const hash = createHash('sha256').update(style).digest('base64')
  expect(pageHeaders(report)['content-security-policy']).toContain(`default-src 'none'; style-src 'sha256-${hash}'`)
})

test('it reloads itself more often while something runs', async () => {
  await using history = await makeWell(1)
  const running = { since: now, by: 'schedule', progress: undefined }
  expect(pageHeaders(history.report())).toMatchObject({ refresh: '30', 'cache-control': 'no-store' })
  expect(pageHeaders(history.report(alive({ 'repo-1': { running } })))).toMatchObject({ refresh: '5' })
})

test('60 repositories make a page of less than 300 kB, quickly', async () => {
  await using history = await makeWell(60)
  const report = history.report(history.live)
  const began = performance.now()
  expect(statusPage(report, { base }).length).toBeLessThan(300_000)
  expect(performance.now() - began).toBeLessThan(500)
})
