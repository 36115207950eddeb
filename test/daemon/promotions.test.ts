import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { jobsOf, makeInstallation, until } from './running.ts'

test('a daemon makes up for a scheduled promotion that was missed, and promotes what follows', async () => {
  const channels = { test: { schedule: '0 5 * * *' }, prod: { follow: 'yes' } }
  await using installed = await makeInstallation({ one: [{ name: 'alpha' }] }, { channels })
  expect((await installed.mirror('sync')).status).toBe(0)
  const database = new DatabaseSync(join(installed.site.state, 'mirror.db'))
  database.exec("INSERT INTO meta VALUES ('promoted test', '1700000000000')")
  database.close()
  await using _ = await installed.start()
  const jobs = await until(async () => {
    const all = await jobsOf(installed)
    return all.length === 2 && all.every(({ state }) => state === 'ended') && all
  })
  const published = { result: 'done', answer: { repos: [{ repo: 'one', shown: { result: 'published' } }] } }
  expect(jobs).toMatchObject([
    {
      verb: 'promote',
      asker: 'schedule',
      by: 'schedule',
      arguments: { to: 'test', scheduled: true },
      outcome: published,
    },
    { verb: 'promote', by: 'follow', arguments: { to: 'prod', repos: ['one'] }, outcome: published },
  ])
}, 120_000)
