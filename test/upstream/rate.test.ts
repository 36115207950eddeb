import { describe, expect, test } from 'vitest'
import { withPace } from '../../src/upstream/pace.ts'
import { Rate } from '../../src/upstream/rate.ts'
import { withRestraint } from '../../src/upstream/restraint.ts'
import { content, fetch, patientFor, startServer } from './fetching.ts'

describe('a rate', () => {
  test('has those who took more wait for longer, all together', () => {
    const rate = new Rate(() => 1000)
    expect([rate.take(500, 0), rate.take(500, 0), rate.take(1000, 100)]).toEqual([500, 1000, 1900])
    // What was not taken meanwhile is not saved up.
    expect(rate.take(100, 60_000)).toBe(100)
  })

  test('may change, and be none', () => {
    let perSecond: number | undefined
    const rate = new Rate(() => perSecond)
    expect(rate.take(1_000_000, 0)).toBe(0)
    perSecond = 10
    expect(rate.take(10, 0)).toBe(1000)
  })
})

test('a transfer is as slow as its rate, and is not cut for that', async () => {
  await using server = await startServer({ kind: 'drip', bytes: 100, everyMs: 5 })
  await using http = patientFor(2000, 2, { rate: new Rate(() => 800) })
  const transport = withPace(http, { minrate: 5000, timeoutMs: 1000 })
  const began = performance.now()
  const both = await Promise.all([fetch(transport, `${server.url}broken`), fetch(transport, `${server.url}broken`)])
  expect(both.map(({ body }) => body.equals(content))).toEqual([true, true])
  // The last chunk is not waited for.
  expect(performance.now() - began).toBeGreaterThan(2000)
})

test('U13: a host that asks one transfer to come back later is left alone by all', async () => {
  await using server = await startServer()
  server.rules.unshift({
    path: 'broken',
    times: 1,
    fault: { kind: 'status', status: 429, headers: { 'Retry-After': '1' } },
  })
  await using http = patientFor(5000, 4)
  const transport = withRestraint(http)
  expect((await fetch(transport, `${server.url}broken`)).heads).toMatchObject([{ status: 429 }])
  const began = performance.now()
  await Promise.all([fetch(transport, `${server.url}file`), fetch(transport, `${server.url}broken`)])
  expect(performance.now() - began).toBeGreaterThan(900)
  const stop = new AbortController()
  server.rules.unshift({
    path: 'broken',
    times: 1,
    fault: { kind: 'status', status: 503, headers: { 'Retry-After': '9999' } },
  })
  await fetch(transport, `${server.url}broken`)
  setTimeout(() => stop.abort('enough'), 20)
  await expect(fetch(transport, `${server.url}file`, { signal: stop.signal })).rejects.toBe('enough')
})
