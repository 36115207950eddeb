import { describe, expect, it } from 'vitest'
import { load, refuses } from './configuration.ts'

const repos = 'repos: { a: { baseurl: http://h/ } }\n'
const head = `root: www\n${repos}`
const plain = {
  repos: [],
  follow: false,
  afterMs: 0,
  security: false,
  gate: [],
  gateTimeoutMs: 600_000,
}

describe('channels', () => {
  it('are filled from the one before, the first from the repositories', async () => {
    const { channels } = await load(`${head}channels: [dev, test, prod]\n`)
    expect(channels).toEqual([
      { name: 'dev', ...plain },
      { name: 'test', from: 'dev', ...plain },
      { name: 'prod', from: 'test', ...plain },
    ])
  })

  it('have settings of their own', async () => {
    const keys =
      'from: dev, repos: a*, after: 7d, schedule: "0 5 * * 1", timezone: UTC, security: yes, gate: [closure, ./smoke]'
    const { channels, warnings } = await load(
      `${head}channels: { dev: { follow: yes }, test: {}, prod: { ${keys} } }\n`,
    )
    expect(channels[0]).toMatchObject({ name: 'dev', follow: true })
    expect(channels[2]).toEqual({
      ...plain,
      name: 'prod',
      from: 'dev',
      repos: ['a*'],
      afterMs: 604_800_000,
      timing: { schedule: '0 5 * * 1', timeZone: 'UTC', jitterMs: 0 },
      security: true,
      gate: ['closure', 'DIR/smoke'],
    })
    expect(warnings).toEqual([expect.stringContaining('channels.prod.gate[1]: there is no program `DIR/smoke`')])
  })

  refuses(
    [
      'a name that is no part of a path',
      `${head}channels: { a/b: {} }\n`,
      "3:13: channels: `a/b` cannot be a channel's name; use letters, digits, - _ and .",
    ],
    [
      'the folder of snapshots',
      `${head}channels: { Snapshots: {} }\n`,
      '3:13: channels: `Snapshots` is the folder of snapshots; choose another name',
    ],
    [
      'a channel that comes later',
      `${head}channels: { dev: { from: prod }, prod: {} }\n`,
      '3:26: channels.dev.from: no channel `prod` stands before it; leave it out',
    ],
    [
      'an unknown key',
      `${head}channels: { dev: { form: x } }\n`,
      '3:20: channels.dev.form: unknown key; did you mean from?',
    ],
    [
      'a cron expression that is none',
      `${head}channels: { dev: { schedule: daily } }\n`,
      '3:30: channels.dev.schedule: `daily` is no cron expression: it does not have five fields; write five fields, minute hour day month weekday, such as "30 4 * * *", or @hourly, @daily, @weekly',
    ],
    [
      'a repository where a channel is shown',
      `root: www\nrepos: { a: { baseurl: http://h/, path: Prod/a } }\nchannels: [prod]\n`,
      '2:41: repos.a.path: `Prod/a` lies where the channel prod is shown; choose another path',
    ],
    [
      'a repository where snapshots are shown',
      `root: www\nrepos: { a: { baseurl: http://h/, path: snapshots/a } }\n`,
      '2:41: repos.a.path: `snapshots/a` lies where snapshots are shown; choose another path',
    ],
  )
})
