import { describe, expect, test } from 'vitest'
import { header, shown, statusError } from '../../src/upstream/transport.ts'

test.each([
  ['https://m.example/a/b.rpm', 'https://m.example/a/b.rpm'],
  ['https://user:canary@m.example:8443/a', 'https://m.example:8443/a'],
  ['https://canary@m.example/a', 'https://m.example/a'],
  ['https://m.example/a?token=canary', 'https://m.example/a'],
  ['https://m.example/a?', 'https://m.example/a'],
  ['file:///srv/a b', 'file:///srv/a%20b'],
  ['http://m.example/a\r\nE_BUG', 'http://m.example/aE_BUG'],
])('%j is shown as %j', (url, text) => {
  expect(shown(new URL(url))).toBe(text)
})

test('showing a URL leaves the URL as it is', () => {
  const url = new URL('https://user:secret@m.example/a?b')
  shown(url)
  expect(url.href).toBe('https://user:secret@m.example/a?b')
})

describe('a status as an error', () => {
  const url = new URL('http://m.example/')

  test.each([
    [404, 'HTTP status 404 (not found)'],
    [401, 'HTTP status 401 (the upstream wants credentials)'],
    [403, 'HTTP status 403 (forbidden)'],
    [503, 'HTTP status 503 (the upstream is unavailable)'],
    [418, 'HTTP status 418'],
  ])('%i', (status, message) => {
    expect(statusError({ status, headers: {}, url })).toMatchObject({ code: 'E_HTTP', message })
  })

  test('has its headers by name', () => {
    const head = { status: 200, headers: { etag: '"a"' }, url }
    expect(header(head, 'etag')).toBe('"a"')
    expect(header(head, 'age')).toBeUndefined()
  })
})
