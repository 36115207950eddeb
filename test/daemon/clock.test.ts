import { describe, expect, test } from 'vitest'
import { type Clock, canSetClock, makeClock } from './clock.ts'
import { historyOf, type Installation, jobsOf, makeInstallation, quiet, type RunningDaemon, until } from './running.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const noon = Date.parse('2026-05-05T12:00:00Z')
const packages = [{ name: 'alpha' }]

/** An installation whose programs have a clock of their own, at noon. */
async function makeTimed(
  settings: Parameters<typeof makeInstallation>[1],
  ids = ['one'],
): Promise<Installation & { clock: Clock }> {
  const installed = await makeInstallation(Object.fromEntries(ids.map((id) => [id, packages])), settings)
  return Object.assign(installed, { clock: makeClock(installed.site.dir, noon) })
}

const hourly = { defaults: { schedule: '@hourly' } }

/** A reload looks at the clock at once, which the daemon otherwise does every few seconds. */
async function look(installed: Installation): Promise<void> {
  expect((await installed.ask({ method: 'POST', path: '/v1/reload' })).status).toBe(200)
  await quiet(installed)
}

/** When the runs of a repository began, by the clock, oldest first. */
async function runsOf(installed: Installation, id = 'one'): Promise<string[]> {
  return (await historyOf(installed, id)).map(({ at }) => at.slice(0, 16)).toReversed()
}

function begun(time: number): string {
  return new Date(time).toISOString().slice(0, 16)
}

/** When a repository is due next, as the daemon tells. */
async function nextOf({ ask }: Installation, id = 'one'): Promise<number> {
  const { json } = await ask('/v1/status')
  return Date.parse(json.repos.find(({ repo }: { repo: string }) => repo === id).next)
}

describe.skipIf(!canSetClock()).concurrent('by the clock', () => {
  test('a repository is synced once in each slot, however often the clock is looked at', async () => {
    await using installed = await makeTimed(hourly)
    const { clock } = installed
    await using _ = await installed.start(clock.env)
    await quiet(installed)
    const times = [noon, ...[1, 2, 3].map((n) => noon + n * hour)]
    for (const time of times.slice(1))
      for (const minutes of [-1, 1, 30]) {
        clock.set(time + minutes * minute)
        await look(installed)
      }
    expect(await runsOf(installed)).toEqual([noon, ...times.slice(1).map((time) => time + minute)].map(begun))
    expect(await nextOf(installed)).toBe(noon + 4 * hour)
  })

  test('it is synced without being asked to look', async () => {
    await using installed = await makeTimed(hourly)
    await using _ = await installed.start(installed.clock.env)
    await quiet(installed)
    installed.clock.set(noon + hour + 5000)
    expect(await until(async () => (await runsOf(installed)).length === 2)).toBe(true)
  })

  test('three days without a daemon are made up for by one run, put off by the jitter', async () => {
    const ids = ['one', 'two', 'three']
    await using installed = await makeTimed({ defaults: { schedule: '@hourly', jitter: '10m' } }, ids)
    const { clock } = installed
    const stop = async (daemon: RunningDaemon) => {
      daemon.child.kill('SIGTERM')
      expect((await daemon.ended).status).toBe(0)
    }
    await using first = await installed.start(clock.env)
    await quiet(installed)
    await stop(first)
    const back = noon + 3 * day + 10 * minute
    clock.set(back)
    await using _ = await installed.start(clock.env)
    expect(await jobsOf(installed)).toEqual([])
    const due = await Promise.all(ids.map((id) => nextOf(installed, id)))
    expect(new Set(due).size).toBe(3)
    for (const time of due) expect(time - back).toBeLessThan(10 * minute + 10_000)
    clock.set(back + 10 * minute + 30_000)
    await look(installed)
    for (const id of ids) expect(await runsOf(installed, id)).toHaveLength(2)
  })

  test('a clock that is set back by an hour leads to no run twice, and is gone on with from where it was', async () => {
    await using installed = await makeTimed(hourly)
    const { clock } = installed
    clock.set(noon + 10 * minute)
    await using _ = await installed.start(clock.env)
    await quiet(installed)
    clock.set(noon - 50 * minute)
    await look(installed)
    clock.set(noon + 5 * minute)
    await look(installed)
    expect(await runsOf(installed)).toHaveLength(1)
    clock.set(noon + hour + minute)
    await look(installed)
    expect(await runsOf(installed)).toHaveLength(2)
  })

  test('one that is set back by twenty years stops nothing, and neither does one from the future', async () => {
    await using installed = await makeTimed(hourly)
    const { clock } = installed
    await using _ = await installed.start(clock.env)
    await quiet(installed)
    const past = Date.parse('2006-05-05T12:10:00Z')
    clock.set(past)
    await look(installed)
    expect(await nextOf(installed)).toBe(Date.parse('2006-05-05T13:00:00Z'))
    clock.set(past + hour)
    await look(installed)
    clock.set(Date.parse('2039-01-01T00:30:00Z'))
    await look(installed)
    await look(installed)
    expect(await installed.ask('/v1/history/one')).toMatchObject({ json: { runs: { length: 3 } } })
    clock.set(noon + 10 * minute)
    await look(installed)
    expect(await nextOf(installed)).toBe(noon + hour)
  })

  test('a daemon whose last run lies in the future goes on, too', async () => {
    await using installed = await makeTimed(hourly)
    const { clock } = installed
    clock.set(Date.parse('2046-05-05T12:00:00Z'))
    await using first = await installed.start(clock.env)
    await quiet(installed)
    first.child.kill('SIGTERM')
    await first.ended
    clock.set(noon + 10 * minute)
    await using _ = await installed.start(clock.env)
    expect(await until(async () => Number.isFinite(await nextOf(installed)) && nextOf(installed))).toBe(noon + hour)
  })

  test('a run that takes longer than its interval is let finish, and one more follows it', async () => {
    await using installed = await makeTimed(hourly)
    const { clock, upstream } = installed
    const { promise: opened, resolve: open } = Promise.withResolvers<void>()
    upstream.rules.push({ path: /alpha/, fault: { kind: 'hook', before: () => opened } })
    await using daemon = await installed.start(clock.env)
    await until(() => upstream.requests.some(({ path }) => path.includes('alpha')))
    for (const hours of [1, 2, 3]) {
      clock.set(noon + hours * hour + minute)
      await installed.ask({ method: 'POST', path: '/v1/reload' })
      const states = (await jobsOf(installed)).map(({ state }) => state)
      expect(states).toEqual(['running', 'queued'])
    }
    open()
    await quiet(installed)
    expect(await historyOf(installed, 'one')).toHaveLength(2)
    const warnings = daemon.output.stderr.split('\n').filter((line) => line.includes('E_OVERRUN'))
    const line =
      'warning: one: E_OVERRUN: due again while job 1 still runs, and goes on after it; a longer interval would fit'
    expect(warnings).toEqual([line, line, line])
  })
})

test.skipIf(!canSetClock())(
  'fifty repositories that are due at once run no more at once than there are workers',
  async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `repo-${n}`)
    await using installed = await makeTimed(
      { workers: 3, defaults: { schedule: '0 12 * * *', jitter: '30m' } },
      ids.slice(0, 1),
    )
    const repos = Object.fromEntries(ids.map((id) => [id, { baseurl: `${installed.upstream.url}repo-0/` }]))
    await installed.configure({ repos })
    await using _ = await installed.start(installed.clock.env)
    const jobs = await jobsOf(installed)
    expect(jobs.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(3)
    expect(jobs).toHaveLength(50)
  },
)
