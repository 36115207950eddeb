import { hash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Handler } from '../../src/serve/message.ts'
import { statusResponse } from '../../src/serve/message.ts'
import type { ServeOptions } from '../../src/serve/server.ts'
import { raw, running, statuses, tree } from './serving.ts'

const line = (user: string, password: string): string => `${user}:{SHA}${hash('sha1', password, 'base64')}\n`
const basic = (text: string): string => `Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`

/** A site with these users besides, and a status for each request: its target and header lines. */
async function guarded(users: string, options: Partial<ServeOptions> = {}) {
  const root = tree({ file: 'ours', 'r/x.rpm': 'package', '../htpasswd': users })
  const htpasswd = join(root, '../htpasswd')
  const site = await running(root, {}, { ...(users && { htpasswd }), ...options })
  const ask = async (target: string, fields = ''): Promise<string> =>
    raw(site.port, `GET ${target} HTTP/1.1\r\nHost: mirror\r\nConnection: close\r\n${fields}\r\n`)
  const status = async (...asked: Parameters<typeof ask>) => statuses(await ask(...asked))[0]
  return { ...site, htpasswd, ask, status }
}

describe('passwords', () => {
  test('who has the right one may read, nobody else may see what is there', async () => {
    const { ask, status, entries } = await guarded(line('ann', 'x:y z') + line('bob', 'ß'))
    expect(await ask('/file', basic('ann:x:y z'))).toMatch(/ 200 OK\r\n.*\r\n\r\nours$/s)
    expect(await status('/file', basic('bob:ß'))).toBe(200)
    const refused = await ask('/file')
    expect(refused).toMatch(/^HTTP\/1\.1 401 .*\r\nwww-authenticate: Basic realm="mirror", charset="UTF-8"\r\n/s)
    expect((await ask('/absent')).replace(/date: .*/i, '')).toBe(refused.replace(/date: .*/i, ''))
    expect(entries.map(({ user, status }) => [user, status])).toEqual([
      ['ann', 200],
      ['bob', 200],
      [undefined, 401],
      [undefined, 401],
    ])
  })

  test.each([
    ['none', ''],
    ['a wrong one', basic('ann:y')],
    ['an empty one', basic('ann:')],
    ['no colon', basic('ann')],
    ['no name', basic(':x')],
    ['another name', basic('root:x')],
    ['a name of JavaScript', basic('__proto__:x')],
    ['its beginning', basic('ann:')],
    ['another scheme', 'Authorization: Bearer x\r\n'],
    ['no base64', 'Authorization: Basic %%%\r\n'],
    ['a long one', basic(`ann:${'x'.repeat(8000)}`)],
  ])('%s is 401', async (_, fields) => {
    const { status } = await guarded(line('ann', 'x'))
    expect(await status('/file', fields)).toBe(401)
  })

  test('who guesses too often is not heard for a while, while those who knew go on', async () => {
    const { ask, status } = await guarded(line('ann', 'x'))
    expect(await status('/file', basic('ann:x'))).toBe(200)
    for (let guess = 0; guess < 10; guess++) expect(await status('/file', basic(`ann:${guess}`))).toBe(401)
    expect(await ask('/file', basic('ann:11'))).toMatch(/^HTTP\/1\.1 429 .*\r\nretry-after: 60\r\n/s)
    expect(await status('/file', basic('ann:x'))).toBe(200)
    expect(await status('/file')).toBe(401)
  })

  test('a reload reads the file anew and takes other rules, a broken file leaves the old', async () => {
    const { status, reload, htpasswd } = await guarded(line('ann', 'x'))
    writeFileSync(htpasswd, line('bob', 'y'))
    expect(await status('/file', basic('ann:x'))).toBe(200)
    reload({ htpasswd })
    expect([await status('/file', basic('ann:x')), await status('/file', basic('bob:y'))]).toEqual([401, 200])
    writeFileSync(htpasswd, 'bob:$2y$05$abc')
    expect(() => reload({ htpasswd })).toThrow('bcrypt')
    expect(await status('/file', basic('bob:y'))).toBe(200)
    reload({ allow: ['192.0.2.1'] })
    expect(await status('/file', basic('bob:y'))).toBe(403)
    reload({ allow: ['192.0.2.1'], trustedProxies: ['127.0.0.1'] })
    expect(await status('/file', 'X-Forwarded-For: 192.0.2.1\r\n')).toBe(200)
  })
})

describe('networks', () => {
  test.each([
    [['127.0.0.0/8'], 200],
    [['127.0.0.1'], 200],
    [['192.0.2.0/24', '::1'], 403],
    [[], 403],
  ])('%j', async (allow, expected) => {
    const { status } = await guarded('', { allow })
    expect(await status('/file')).toBe(expected)
  })

  test('an IPv4 client of a dual-stack socket is in the networks of its address', async () => {
    const { status } = await guarded('', { allow: ['127.0.0.1'], listen: { host: '::', port: 0 } })
    expect(await status('/file')).toBe(200)
  })

  test('a proxy is believed when it says who asks, whatever was said to it', async () => {
    const options = { allow: ['192.0.2.0/24'], trustedProxies: ['127.0.0.1', '10.0.0.0/8'] }
    const { status, entries } = await guarded('', options)
    const forwarded = (list: string) => status('/file', `X-Forwarded-For: ${list}\r\n`)
    expect(await forwarded('192.0.2.7')).toBe(200)
    expect(await forwarded('198.51.100.1, 192.0.2.8, 10.1.2.3')).toBe(200)
    expect(await forwarded('192.0.2.7, 198.51.100.1')).toBe(403)
    expect(await forwarded('192.0.2.7"; drop')).toBe(403)
    expect(await status('/file')).toBe(403)
    const addresses = ['192.0.2.7', '192.0.2.8', '198.51.100.1', '127.0.0.1', '127.0.0.1']
    expect(entries.map(({ remote }) => remote)).toEqual(addresses)
  })

  test('anybody else is not', async () => {
    const { status } = await guarded('', { allow: ['192.0.2.0/24'], trustedProxies: ['10.0.0.0/8'] })
    expect(await status('/file', 'X-Forwarded-For: 192.0.2.7\r\n')).toBe(403)
  })
})

test('every rule must be passed, but for the health of the daemon', async () => {
  const health: ServeOptions['wrap'] = (files): Handler => {
    return (request) => (request.target === '/healthz' ? statusResponse(200) : files(request))
  }
  const users = line('ann', 'x')
  const inside = await guarded(users, { allow: ['127.0.0.1'], wrap: health })
  const outside = await guarded(users, { allow: ['192.0.2.1'], wrap: health })
  expect([await inside.status('/file', basic('ann:x')), await inside.status('/file')]).toEqual([200, 401])
  expect(await outside.status('/file', basic('ann:x'))).toBe(403)
  expect(await outside.status('/healthz')).toBe(200)
  const others = ['/healthz?x', '/healthz/', '/%68ealthz', '//healthz', '/healthz/../file', '/readyz/x']
  for (const target of others) expect(await outside.status(target)).toBe(403)
  expect(await inside.status('/readyz')).toBe(404)
})
