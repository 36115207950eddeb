import { createHook } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Code, MirrorError } from '../../src/errors.ts'
import { parseRetryAfter, type RetryPolicy, StatusError, withRetry } from '../../src/upstream/retry.ts'
import { failure } from './fetching.ts'

const policy: RetryPolicy = { retries: 3, retryDelayMs: 1 }
const { signal } = new AbortController()

/** An attempt that fails with each of these errors in turn and then gives the number of the try. */
function failing(...errors: unknown[]): (tries: number) => Promise<number> {
  return async (tries) => {
    if (tries <= errors.length) throw errors[tries - 1]
    return tries
  }
}

/** An attempt that always fails, and how often it was made. */
function hopeless(make: () => unknown): { attempt: () => Promise<never>; count: () => number } {
  let count = 0
  return {
    count: () => count,
    attempt: async () => {
      count++
      throw make()
    },
  }
}

const gone = (code: Code) => new MirrorError(code, 'gone')
const status = (status: number, retryAfterMs?: number) => new StatusError(`HTTP status ${status}`, status, retryAfterMs)

describe('what may be gone at the next try is tried again', () => {
  test.each<[string, () => MirrorError]>([
    ...(['E_CONNECT', 'E_SLOW', 'E_TRUNCATED'] as const).map((code): [string, () => MirrorError] => [
      code,
      () => gone(code),
    ]),
    ...[408, 425, 429, 500, 502, 503, 504].map((number): [string, () => MirrorError] => [
      `status ${number}`,
      () => status(number),
    ]),
  ])('%s', async (_, make) => {
    expect(await withRetry(policy, signal, failing(make(), make(), make()))).toBe(4)
    const { attempt, count } = hopeless(make)
    expect(await failure(withRetry(policy, signal, attempt))).toMatchObject({
      code: make().code,
      message: `${make().message} (after 4 attempts)`,
    })
    expect(count()).toBe(4)
  })
})

describe('what stays as it is fails at once', () => {
  test.each<[string, () => unknown]>([
    ...(['E_TLS', 'E_REDIRECT', 'E_LIMIT', 'E_CHECKSUM', 'E_SIZE', 'E_HTTP', 'E_NOSPC'] as const).map(
      (code): [string, () => unknown] => [code, () => gone(code)],
    ),
    ...[400, 401, 403, 404, 410, 416, 501].map((number): [string, () => unknown] => [
      `status ${number}`,
      () => status(number),
    ]),
    ['a bug', () => new TypeError('no')],
  ])('%s', async (_, make) => {
    const { attempt, count } = hopeless(make)
    expect(await failure(withRetry(policy, signal, attempt))).toMatchObject({ message: (make() as Error).message })
    expect(count()).toBe(1)
  })
})

describe('several places', () => {
  test('are each tried once whatever the first ones say', async () => {
    const errors = [gone('E_CHECKSUM'), status(404), gone('E_CONNECT')]
    expect(await withRetry({ retries: 0, retryDelayMs: 60_000 }, signal, failing(...errors), 4)).toBe(4)
  })

  test('are waited after only when all were tried, and then as often as one', async () => {
    const { attempt, count } = hopeless(() => gone('E_CONNECT'))
    expect(await failure(withRetry({ retries: 2, retryDelayMs: 1 }, signal, attempt, 3))).toMatchObject({
      message: 'gone (after 5 attempts)',
    })
    expect(count()).toBe(5)
  })

  test('end with a bug at once', async () => {
    const { attempt, count } = hopeless(() => new TypeError('no'))
    await failure(withRetry(policy, signal, attempt, 3))
    expect(count()).toBe(1)
  })
})

/** The timer in milliseconds that something is waiting for, read from Node's own bookkeeping and then cut short. */
async function waitOf(run: (signal: AbortSignal) => Promise<unknown>): Promise<number> {
  const stop = new AbortController()
  const waits: { _idleTimeout: number }[] = []
  const hook = createHook({
    init: (_id, type, _trigger, timer) => {
      if (type === 'Timeout') waits.push(timer as { _idleTimeout: number })
    },
  }).enable()
  const running = failure(run(stop.signal))
  await setImmediate()
  hook.disable()
  const [wait, ...others] = waits.map(({ _idleTimeout }) => _idleTimeout)
  stop.abort('seen')
  expect(await running).toBe('seen')
  expect(others).toEqual([])
  return wait ?? 0
}

describe('between two tries', () => {
  test('is the wait that Retry-After asks for, however short', async () => {
    expect(await withRetry({ retries: 1, retryDelayMs: 3_600_000 }, signal, failing(status(503, 0)))).toBe(2)
  })

  test('is no wait beyond ten seconds of our own and a minute of theirs', async () => {
    for (const [error, most] of [
      [gone('E_CONNECT'), 10_000],
      [status(503, 10 * 365 * 86_400_000), 60_000],
    ] as const) {
      const wait = await waitOf((signal) => withRetry({ retries: 1, retryDelayMs: 3_600_000 }, signal, failing(error)))
      expect(wait).toBeGreaterThanOrEqual(most / 2)
      expect(wait).toBeLessThanOrEqual(most)
    }
  })

  test('the signal ends the wait, with its reason', async () => {
    const stop = new AbortController()
    const attempt = withRetry({ retries: 1, retryDelayMs: 60_000 }, stop.signal, failing(gone('E_SLOW'), 0))
    setTimeout(() => stop.abort('enough'), 20)
    expect(await failure(attempt)).toBe('enough')
  })

  test('nothing is tried again once the signal has said so', async () => {
    const stop = new AbortController()
    const { attempt, count } = hopeless(() => gone('E_SLOW'))
    stop.abort('enough')
    expect(await failure(withRetry(policy, stop.signal, attempt))).toMatchObject({ message: 'gone' })
    expect(count()).toBe(1)
  })
})

test.each<[string, string | undefined, number | undefined]>([
  ['seconds', '120', 120_000],
  ['seconds with space around', ' 5 ', 5000],
  ['no second', '0', 0],
  ['ten years', '315360000', 315_360_000_000],
  ['a date', 'Sun, 06 Nov 1994 08:50:37 GMT', 60_000],
  ['a date of RFC 850', 'Sunday, 06-Nov-94 08:50:37 GMT', 60_000],
  ['a date of the past', 'Sun, 06 Nov 1994 08:00:00 GMT', 0],
  ['nothing', undefined, undefined],
  ['an empty text', '', undefined],
  ['a word', 'soon', undefined],
  ['less than nothing', '-5', undefined],
  ['a fraction', '12.5', undefined],
  ['an exponent', '1e3', undefined],
  ['a unit', '5 seconds', undefined],
  ['more digits than time has', '99999999999', undefined],
  ['a day without a date', 'Sunday', undefined],
  ['another form of date', '2099-01-01', undefined],
])('a Retry-After of %s', (_, value, milliseconds) => {
  expect(parseRetryAfter(value, Date.UTC(1994, 10, 6, 8, 49, 37))).toBe(milliseconds)
})
