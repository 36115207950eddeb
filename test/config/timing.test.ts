import { describe, expect, it } from 'vitest'
import { load, refuses, repo } from './configuration.ts'

describe('schedule', () => {
  it('is a cron expression with its time zone and jitter, for one or for all', async () => {
    const defaults = 'defaults: { schedule: "@hourly", timezone: Europe/Berlin, jitter: 0 }\n'
    const { repos } = await load(`${defaults}${repo('schedule: 30 4 * * 1-5')}  b: { baseurl: http://h/ }\n`)
    const around = { timeZone: 'Europe/Berlin', jitterMs: 0 }
    expect(repos.map(({ timing }) => timing)).toEqual([
      { schedule: '30 4 * * 1-5', ...around },
      { schedule: '@hourly', ...around },
    ])
  })

  it('may have a window of its own', async () => {
    const { repos } = await load(repo('schedule: "@hourly"\n    transfer_window: 22:00-6:30'))
    expect(repos[0]?.timing).toMatchObject({ window: { from: 22 * 60, to: 6 * 60 + 30 } })
  })

  it.each([
    ['10M', { bytes: 10 * 2 ** 20 }],
    ['50%', { percent: 50 }],
    ['0', undefined],
  ])('may be throttled to %s', async (throttle, expected) => {
    const { repos } = await load(repo(`throttle: ${throttle}`))
    expect(repos[0]?.transfer.throttle).toEqual(expected)
  })

  it('can be switched off for one', async () => {
    const { repos } = await load(`defaults: { schedule: "@daily" }\n${repo('schedule: no')}`)
    expect(repos[0]?.timing).toBeUndefined()
  })

  const advice = 'write five fields, minute hour day month weekday, such as "30 4 * * *", or @hourly, @daily, @weekly'
  refuses(
    [
      'a minute that does not exist',
      repo('schedule: 61 * * * *'),
      `5:15: repos.a.schedule: \`61 * * * *\` is no cron expression: its minute is \`61\`; ${advice}`,
    ],
    [
      'a day that never comes',
      repo('schedule: 0 0 30 2 *'),
      `5:15: repos.a.schedule: \`0 0 30 2 *\` is no cron expression: no month of it has a day \`30\`; ${advice}`,
    ],
    [
      'too few fields',
      repo('schedule: 5 4'),
      `5:15: repos.a.schedule: \`5 4\` is no cron expression: it does not have five fields; ${advice}`,
    ],
    ['seconds', repo('schedule: 0 0 4 * * *'), `5:15: repos.a.schedule: \`0 0 4 * * *\` counts seconds; ${advice}`],
    [
      "days in another cron's words",
      repo('schedule: 0 4 L * *'),
      `5:15: repos.a.schedule: \`0 4 L * *\` uses L, W or #, which cron does not know; ${advice}`,
    ],
    [
      'a window that is none',
      repo('transfer_window: 22:00-25:00'),
      '5:22: repos.a.transfer_window: expected a window of time, found `22:00-25:00`; write such as 22:00-06:00, or no',
    ],
    [
      'a time zone that does not exist',
      repo('timezone: Mars/Olympus'),
      '5:15: repos.a.timezone: expected a time zone, found `Mars/Olympus`; write its name such as Europe/Berlin or UTC',
    ],
  )
})
