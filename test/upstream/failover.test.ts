import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Code, MirrorError } from '../../src/errors.ts'
import { failover, type Try } from '../../src/upstream/failover.ts'
import { Mirrors } from '../../src/upstream/mirrors.ts'
import { isGoneEverywhere, StatusError } from '../../src/upstream/retry.ts'
import { failure } from './fetching.ts'

const policy = { retries: 2, retryDelayMs: 1 }
const { signal } = new AbortController()

const because = (code: Code) => new MirrorError(code, `because of ${code}`)
const status = (code: number) => new StatusError(`HTTP status ${code}`, code, undefined)

/** Mirrors `http://a/`, `http://b/`, ... of a list, or with capitals, `A`, as the operator writes them. */
function mirrorsOf(...names: string[]): Mirrors {
  return new Mirrors(
    names.map((name) => ({ url: `http://${name.toLowerCase()}/`, isListed: name === name.toLowerCase() })),
  )
}

/** Mirrors that each answer by what stands under their names; `asked` has the hosts in order. */
function asking(mirrors: Mirrors, answers: Record<string, (one: Try) => unknown>) {
  const asked: string[] = []
  const run = (path = 'file') =>
    failover({ mirrors, urlsAt: (base) => [new URL(path, base)], policy, signal }, async (one) => {
      asked.push(one.url.host)
      const answer = await answers[one.url.host]?.(one)
      if (answer instanceof Error) throw answer
      return one.url.host
    })
  return { asked, run }
}

describe('a file', () => {
  test('comes from the first mirror, and from the next where that has not got it, whatever it says', async () => {
    for (const error of [because('E_CHECKSUM'), status(404), status(503), because('E_CONNECT'), because('E_TLS')]) {
      const { asked, run } = asking(mirrorsOf('A', 'B', 'C'), { a: () => error })
      expect(await run()).toBe('b')
      expect(asked).toEqual(['a', 'b'])
    }
  })

  test('that no mirror has names each of them, with its cause', async () => {
    const { run } = asking(mirrorsOf('a', 'b'), { a: () => status(404), b: () => because('E_CHECKSUM') })
    expect(await failure(run())).toMatchObject({
      code: 'E_CHECKSUM',
      message: 'http://a/file: HTTP status 404; http://b/file: because of E_CHECKSUM',
    })
  })

  test('is asked for again only where the failure may pass, and as often as is configured', async () => {
    const { asked, run } = asking(mirrorsOf('A', 'B'), { a: () => status(403), b: () => because('E_TRUNCATED') })
    expect(await failure(run())).toMatchObject({ message: expect.stringMatching(/\(after 4 attempts\)$/) })
    expect(asked).toEqual(['a', 'b', 'b', 'b'])
  })

  test('is tried at its second URL where a mirror has nothing at the first', async () => {
    const paths: string[] = []
    const urlsAt = (base: URL) => [new URL('one', base), new URL('two', base)]
    await failover({ mirrors: mirrorsOf('A', 'B'), urlsAt, policy, signal }, async ({ url }) => {
      paths.push(url.href)
      if (url.href !== 'http://a/two') throw status(404)
    })
    expect(paths).toEqual(['http://a/one', 'http://a/two'])
  })

  test('a bug or a full disk is no mirror’s fault', async () => {
    const { asked, run } = asking(mirrorsOf('A', 'B'), { a: () => new TypeError('no') })
    expect(await failure(run())).toBeInstanceOf(TypeError)
    expect(asked).toEqual(['a'])
  })

  test('is waited for by nobody once the run has ended', async () => {
    const stop = new AbortController()
    const ending = failover(
      {
        mirrors: mirrorsOf('A', 'B'),
        urlsAt: (base) => [base],
        policy: { retries: 9, retryDelayMs: 60_000 },
        signal: stop.signal,
      },
      async () => {
        throw because('E_CONNECT')
      },
    )
    setTimeout(() => stop.abort('enough'), 20)
    expect(await failure(ending)).toBe('enough')
  })

  test('without a mirror there is nobody to ask', async () => {
    expect(await failure(asking(mirrorsOf(), {}).run())).toMatchObject({ code: 'E_NO_MIRROR' })
  })
})

describe('U12: a file is gone', () => {
  test('only where all mirrors say so', async () => {
    const gone = asking(mirrorsOf('A', 'B'), { a: () => status(404), b: () => status(410) })
    expect(isGoneEverywhere(await failure(gone.run()))).toBe(true)
    const refused = asking(mirrorsOf('A', 'B'), { a: () => status(404), b: () => status(403) })
    expect(isGoneEverywhere(await failure(refused.run()))).toBe(false)
    const down = asking(mirrorsOf('A', 'B'), { a: () => status(404), b: () => because('E_CONNECT') })
    expect(isGoneEverywhere(await failure(down.run()))).toBe(false)
  })

  test('and of a list where all say so that answer at all, without a wait for the others', async () => {
    const { asked, run } = asking(mirrorsOf('a', 'b', 'c'), {
      a: () => status(404),
      b: () => because('E_CONNECT'),
      c: () => status(404),
    })
    expect(isGoneEverywhere(await failure(run()))).toBe(true)
    expect(asked).toEqual(['a', 'b', 'c'])
  })
})

describe('a mirror that fails', () => {
  test('is asked last from then on, where another one had the file', async () => {
    const lies: Record<string, (one: Try) => unknown> = { a: () => because('E_CHECKSUM') }
    const { asked, run } = asking(mirrorsOf('a', 'b'), lies)
    for (let i = 0; i < 3; i++) await run()
    expect(asked).toEqual(['a', 'b', 'b', 'b'])
  })

  test('is not blamed for what no mirror has', async () => {
    const mirrors = mirrorsOf('a', 'b')
    const { run } = asking(mirrors, { a: () => because('E_CHECKSUM'), b: () => because('E_CHECKSUM') })
    await failure(run())
    expect(mirrors.all.map(({ standing }) => standing)).toEqual(['good', 'good'])
    expect([...mirrors.learned()]).toEqual([])
  })

  test('may lack a file or two', async () => {
    const { asked, run } = asking(mirrorsOf('a', 'b'), { a: () => status(404) })
    for (let i = 0; i < 5; i++) await run()
    expect(asked.filter((host) => host === 'a')).toHaveLength(3)
  })

  test('that stalls costs its time once: what else is under way there goes elsewhere at once', async () => {
    const mirrors = mirrorsOf('a', 'b')
    const stall = ({ signal }: Try) =>
      new Promise((_, reject) => {
        const timer = setTimeout(() => reject(because('E_SLOW')), 300)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(signal.reason)
        })
      })
    const { asked, run } = asking(mirrors, { a: stall })
    const began = performance.now()
    const late = sleep(250).then(() => run())
    expect(await Promise.all([run(), run(), late])).toEqual(['b', 'b', 'b'])
    expect(performance.now() - began).toBeLessThan(500)
    await run()
    expect(asked.filter((host) => host === 'a')).toHaveLength(3)
  })

  test('is remembered for a while, by its host where it did not answer, until it serves again', async () => {
    const first = mirrorsOf('a', 'b', 'c')
    await asking(first, { a: () => because('E_CONNECT'), b: () => because('E_CHECKSUM') }).run()
    const learned = first.learned(true)
    expect([...learned.keys()]).toEqual(['http://a', 'http://b/'])
    const places = first.places
    const next = new Mirrors(places, { known: (place) => learned.get(place) })
    const { asked, run } = asking(next, { c: () => status(404) })
    expect(await run()).toBe('a')
    expect(asked).toEqual(['c', 'a'])
    expect(next.learned(true).get('http://a')).toEqual({ rate: undefined, badUntil: undefined, why: undefined })
    const past = new Map([...learned].map(([place, row]) => [place, { ...row, badUntil: Date.now() - 1 }]))
    const later = new Mirrors(places, { known: (place) => past.get(place) })
    expect(await asking(later, {}).run()).toBe('a')
  })
})

describe('of the mirrors of a list', () => {
  const transfer = (bytes: number, ms: number) => async (one: Try) => {
    await sleep(ms)
    one.received(bytes)
  }

  test('the fastest few serve most files', async () => {
    const mirrors = mirrorsOf('a', 'b', 'c', 'd')
    const answers = { a: transfer(1000, 60), b: transfer(1000, 2), c: transfer(1000, 60), d: transfer(1000, 60) }
    const { asked, run } = asking(mirrors, answers)
    for (let i = 0; i < 20; i++) await run()
    expect(asked.slice(0, 4)).toEqual(['a', 'b', 'c', 'd'])
    expect(asked.filter((host) => host === 'b').length).toBeGreaterThan(10)
  })

  test('none serves more than three files at once, or as many as are configured', async () => {
    for (const [perMirror, most] of [
      [undefined, 3],
      [2, 2],
    ]) {
      const places = mirrorsOf('a', 'b', 'c').places
      const mirrors = new Mirrors(places, { perMirror })
      const seen: number[] = []
      const answer = async () => {
        seen.push(...mirrors.all.map(({ underWay }) => underWay))
        await sleep(10)
      }
      const { run } = asking(mirrors, { a: answer, b: answer, c: answer })
      expect(mirrors.capacity(16)).toBe(3 * most!)
      await Promise.all(Array.from({ length: 3 * most! }, () => run()))
      expect(Math.max(...seen)).toBe(most)
    }
  })

  test('those that the operator wrote come first, in their order', async () => {
    const { asked, run } = asking(mirrorsOf('A', 'B', 'c'), { a: transfer(10, 20), b: transfer(1_000_000, 1) })
    for (let i = 0; i < 3; i++) await run()
    expect(asked).toEqual(['a', 'a', 'a'])
  })
})
