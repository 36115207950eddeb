import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Code, MirrorError } from '../../src/errors.ts'
import { FetchError } from '../../src/sync/download.ts'
import { fetchAll } from '../../src/sync/fetch.ts'
import type { Wanted } from '../../src/sync/wanted.ts'
import { Mirrors } from '../../src/upstream/mirrors.ts'
import { digestOf } from './downloading.ts'

const url = new URL('http://h/')
const never = new AbortController().signal

describe('many files', () => {
  test('are fetched as many at once as there are connections, and all of them', async () => {
    const watch = new Watch()
    await fetchAll(files(50), () => 4, never, watch.fetch)
    expect([watch.most, watch.done.length]).toEqual([4, 50])
  })

  test('wait in a list that is never longer than twice the connections', async () => {
    const watch = new Watch()
    let taken = 0
    let most = 0
    const iterator = function* () {
      for (const file of files(100)) {
        most = Math.max(most, ++taken - watch.done.length)
        yield file
      }
    }
    await fetchAll(iterator(), () => 3, never, watch.fetch)
    expect(watch.done).toHaveLength(100)
    // One more was asked for before it was known that there is no place for it.
    expect(most).toBeLessThanOrEqual(2 * 3 + 1)
  })

  test('go on with more or fewer connections when their number changes', async () => {
    const watch = new Watch()
    let connections = 1
    await fetchAll(
      files(60),
      () => connections,
      never,
      async (wanted) => {
        await watch.fetch(wanted)
        if (watch.done.length === 10) {
          expect(watch.most).toBe(1)
          connections = 5
        }
        if (watch.done.length === 40) {
          expect(watch.most).toBe(5)
          connections = 2
        }
        if (watch.done.length === 50) watch.most = 0
      },
    )
    expect(watch.most).toBeLessThanOrEqual(2)
    expect(watch.done).toHaveLength(60)
  })

  test('may be none', async () => {
    await fetchAll(
      [],
      () => 1,
      never,
      () => Promise.reject(new Error('there is nothing to fetch')),
    )
  })
})

describe('files that fail', () => {
  test('do not stop the others, and are named together', async () => {
    const watch = new Watch()
    const failing = (wanted: Wanted) => {
      if (wanted.what.endsWith('1')) throw failure('E_CHECKSUM', wanted.what)
      return watch.fetch(wanted)
    }
    const error: unknown = await fetchAll(
      files(30),
      () => 4,
      never,
      async (file) => failing(file),
    ).catch((e) => e)
    expect(watch.done).toHaveLength(27)
    expect(error).toMatchObject({
      code: 'E_CHECKSUM',
      message: 'Cannot fetch file1 from http://h/: because; 2 other files failed too: file11, file21',
    })
  })

  test('are named up to a number', async () => {
    const error: unknown = await fetchAll(
      files(150),
      () => 4,
      never,
      async ({ what }) => {
        throw failure('E_CHECKSUM', what)
      },
    ).catch((e) => e)
    expect((error as Error).message).toMatch(/; 149 other files failed too: (file\d+, ){99}file\d+ and 49 more$/)
  })

  test('alone are the error as it is', async () => {
    const error = failure('E_SIZE', 'file1')
    await expect(
      fetchAll(
        files(1),
        () => 1,
        never,
        () => Promise.reject(error),
      ),
    ).rejects.toBe(error)
    expect(error.message).toBe('Cannot fetch file1 from http://h/: because')
  })

  test('tell first of an upstream that has moved', async () => {
    const error: unknown = await fetchAll(
      files(5),
      () => 1,
      never,
      async ({ what }) => {
        throw failure(what === 'file3' ? 'E_CHECKSUM' : 'E_HTTP', what)
      },
    ).catch((e) => e)
    expect(error).toMatchObject({ what: 'file3', moved: true })
  })

  test('end the whole when there are too many', async () => {
    let tried = 0
    const all = fetchAll(
      files(1000),
      () => 4,
      never,
      async ({ what }) => {
        tried++
        throw failure('E_HTTP', what)
      },
    )
    await expect(all).rejects.toMatchObject({ message: expect.stringContaining('other files failed too') })
    expect(tried).toBeGreaterThanOrEqual(200)
    expect(tried).toBeLessThan(220)
  })

  test.each(['E_NOSPC', 'E_FD', 'E_IO', 'E_CONNECT', 'E_TLS'] as const)(
    'in a way that all will fail in end it at once: %s',
    async (code) => {
      let tried = 0
      const all = fetchAll(
        files(1000),
        () => 2,
        never,
        async ({ what }) => {
          tried++
          await sleep(1)
          throw failure(code, what)
        },
      )
      await expect(all).rejects.toMatchObject({ code })
      expect(tried).toBeLessThan(10)
    },
  )

  test('by a bug are that bug', async () => {
    const bug = new TypeError('x is not a function')
    await expect(
      fetchAll(
        files(9),
        () => 2,
        never,
        () => Promise.reject(bug),
      ),
    ).rejects.toBe(bug)
  })
})

test('a stop is told when those that were under way have ended', async () => {
  const watch = new Watch()
  const stop = new AbortController()
  const reason = new MirrorError('E_INTERRUPTED', 'stopped')
  const all = fetchAll(
    files(100),
    () => 4,
    stop.signal,
    async (wanted) => {
      await watch.fetch(wanted)
      if (watch.done.length === 10) stop.abort(reason)
    },
  )
  await expect(all).rejects.toBe(reason)
  expect(watch.running).toBe(0)
  expect(watch.done.length).toBeLessThan(20)
})

/** Fetches nothing, but takes its time, and counts. */
class Watch {
  running = 0
  most = 0
  done: string[] = []

  fetch = async ({ what }: Wanted): Promise<void> => {
    this.most = Math.max(this.most, ++this.running)
    await sleep(1)
    this.running--
    this.done.push(what)
  }
}

function files(count: number): Wanted[] {
  const rest = {
    where: { mirrors: new Mirrors([]), location: { href: 'file' } },
    digest: digestOf(''),
    size: 0,
    fileTime: 0,
  }
  return Array.from({ length: count }, (_, i) => ({ what: `file${i + 1}`, ...rest }))
}

function failure(code: Code, what: string): FetchError {
  return new FetchError(what, url, new MirrorError(code, 'because'))
}
