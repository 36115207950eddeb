import { describe, expect, test } from 'vitest'
import { withPace } from '../../src/upstream/pace.ts'
import type { Fault } from '../helpers/upstream.ts'
import { content, failure, fetch, patientFor, startServer } from './fetching.ts'

describe('U2: a transfer below the lowest rate', () => {
  test.each<[string, Fault, number, string]>([
    ['drips', { kind: 'drip', bytes: 1, everyMs: 20 }, 1000, '\\d+ bytes in 0.3 s, less than minrate=1000 bytes/s'],
    ['stalls in the body', { kind: 'stall', after: 50 }, 1000, '50 bytes in 0.3 s'],
    ['never begins', { kind: 'silence' }, 1000, '0 bytes in 0.3 s'],
    ['stalls where any rate will do', { kind: 'stall' }, 0, '0 bytes in 0.3 s, less than minrate=0 bytes/s'],
  ])('that %s is cut', async (_, fault, minrate, message) => {
    await using server = await startServer(fault)
    await using http = patientFor(60_000)
    const began = Date.now()
    const transport = withPace(http, { minrate, timeoutMs: 300 })
    expect(await failure(fetch(transport, `${server.url}broken`))).toMatchObject({
      code: 'E_SLOW',
      message: expect.stringMatching(`^only ${message}.*; cut off$`),
    })
    expect(Date.now() - began).toBeLessThan(10_000)
  })

  test('that was fast at first is cut as soon as it is slow', async () => {
    await using server = await startServer({ kind: 'stall', after: 900 })
    await using http = patientFor(60_000)
    const fetched = { heads: [], body: Buffer.alloc(0) }
    const transport = withPace(http, { minrate: 1000, timeoutMs: 300 })
    const error = await failure(fetch(transport, `${server.url}broken`, { fetched }))
    expect(error).toMatchObject({ code: 'E_SLOW', message: expect.stringMatching('^only 0 bytes') })
    expect(fetched.body).toEqual(content.subarray(0, 900))
  })
})

describe('a transfer', () => {
  test('that keeps the pace goes on for as long as it takes', async () => {
    await using server = await startServer({ kind: 'drip', bytes: 50, everyMs: 50 })
    await using http = patientFor(60_000)
    const transport = withPace(http, { minrate: 100, timeoutMs: 300 })
    expect((await fetch(transport, `${server.url}broken`)).body).toEqual(content)
  })

  test('ends when its signal says so, with the reason of the signal', async () => {
    await using server = await startServer({ kind: 'stall' })
    await using http = patientFor(60_000)
    const transport = withPace(http, { minrate: 1, timeoutMs: 60_000 })
    const stop = new AbortController()
    const attempt = failure(fetch(transport, `${server.url}broken`, { signal: stop.signal }))
    setTimeout(() => stop.abort('enough'), 50)
    expect(await attempt).toBe('enough')
    expect(await failure(fetch(transport, `${server.url}file`, { signal: stop.signal }))).toBe('enough')
  })
})
