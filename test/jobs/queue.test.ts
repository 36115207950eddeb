import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Repo } from '../../src/config/repo.ts'
import { MirrorError } from '../../src/errors.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'
import { type Carrying, Queue } from '../../src/jobs/queue.ts'

const asUsual = { acceptShrink: false, overrides: undefined }

/** A repository as far as a queue looks at it. */
function repo(id: string, more: object = {}): Repo {
  return { id, path: id, ...more } as Repo
}

/** A queue whose runs end when the test says so; `log` has what began and ended, in order. */
function openQueue(workers = 2) {
  const log: string[] = []
  const gates = new Map<string, (result?: 'published') => void>()
  const settings = { workers }
  const outcome = (of: Repo, result: 'published' | 'unchanged'): Outcome => ({
    repo: of,
    seconds: 0,
    summary: { result, generation: 1, packages: 0, added: 0, removed: 0, bytes: 0, missing: [], unhashed: [] },
    leftOut: 0,
    error: undefined,
    served: 1,
  })
  const gate = async <T>(name: string, signal: AbortSignal): Promise<T | undefined> => {
    log.push(`${name} began`)
    const { promise, resolve } = Promise.withResolvers<T | undefined>()
    gates.set(name, resolve as (result?: 'published') => void)
    signal.addEventListener('abort', () => resolve(undefined), { once: true })
    const value = await promise
    log.push(`${name} ${signal.aborted ? 'stopped' : 'ended'}`)
    return value
  }
  const carrying: Carrying = {
    workers: () => settings.workers,
    async run(job, _emit, signal) {
      const result = await gate<'published'>(job.repo.id, signal)
      if (!signal.aborted) return outcome(job.repo, result ?? 'unchanged')
      return { ...outcome(job.repo, 'unchanged'), summary: undefined, error: signal.reason }
    },
    operate: (job, _emit, signal) => gate(job.verb, signal),
    served: () => 7,
    rest: (signal) => gate('rest', signal),
  }
  const end = async (name: string, result?: 'published') => {
    gates.get(name)?.(result)
    await sleep(0)
  }
  return { queue: new Queue(carrying), log, settings, end }
}

describe('a queue', () => {
  test('runs as many at once as there are workers, the others in the order in which they were asked for', async () => {
    const { queue, log, end } = openQueue(2)
    for (const id of ['a', 'b', 'c', 'd']) queue.ask(repo(id), asUsual, 'operator')
    expect(log).toEqual(['a began', 'b began'])
    await end('b')
    await end('c')
    await end('a')
    await end('d')
    expect(log).toEqual(
      ['a', 'b'].map((id) => `${id} began`).concat(['b ended', 'c began', 'c ended', 'd began', 'a ended', 'd ended']),
    )
    expect(queue.jobs.map(({ id, state }) => [id, state])).toEqual([1, 2, 3, 4].map((id) => [id, 'ended']))
  })

  test('takes up more when there are more workers, and lets those that are too many finish', async () => {
    const { queue, log, settings, end } = openQueue(1)
    for (const id of ['a', 'b', 'c']) queue.ask(repo(id), asUsual, 'operator')
    settings.workers = 2
    queue.begin()
    expect(log).toEqual(['a began', 'b began'])
    settings.workers = 1
    await end('a')
    expect(log.at(-1)).toBe('a ended')
    await end('b')
    expect(log.at(-1)).toBe('c began')
  })

  test('has one run of a repository under way and one that waits, which others join', async () => {
    const { queue, log, end } = openQueue(4)
    const first = queue.ask(repo('a'), asUsual, 'schedule')
    const second = queue.ask(repo('a'), asUsual, 'schedule')
    expect([first.state, second.state]).toEqual(['running', 'queued'])
    expect(queue.ask(repo('a'), asUsual, 'operator')).toBe(second)
    expect(queue.jobs).toHaveLength(2)
    await end('a')
    expect([first.state, second.state]).toEqual(['ended', 'running'])
    expect(log).toEqual(['a began', 'a ended', 'a began'])
  })

  test('takes repositories of one path for one', () => {
    const { queue, log } = openQueue(4)
    queue.ask(repo('a'), asUsual, 'operator')
    queue.ask(repo('renamed', { path: 'a' }), asUsual, 'operator')
    expect(log).toEqual(['a began'])
  })

  test.each([
    ['other options', repo('a'), { acceptShrink: true, overrides: undefined }],
    [
      'another selection',
      repo('a', { selection: { newestOnly: true } }),
      { acceptShrink: false, overrides: '--newest-only' },
    ],
  ])('refuses a run with %s beside one that waits', (_, other, request) => {
    const { queue } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'schedule')
    const waiting = queue.ask(repo('a'), asUsual, 'schedule')
    const message = `a run with other options waits already, as job ${waiting.id}; wait for it, or mirror cancel ${waiting.id}`
    expect(() => queue.ask(other, request, 'operator')).toThrow(expect.objectContaining({ code: 'E_BUSY', message }))
  })

  test('lets a run with other options wait beside one that is under way', () => {
    const { queue } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'schedule')
    expect(queue.ask(repo('a'), { acceptShrink: true, overrides: undefined }, 'operator').state).toBe('queued')
  })

  test('is asked for runs of several repositories, or of none where one of them cannot be had', () => {
    const { queue } = openQueue(1)
    for (const id of ['a', 'b']) queue.ask(repo(id), asUsual, 'operator')
    const newest = { acceptShrink: false, overrides: '--newest-only' }
    const busy = 'a run with other options waits already, as job 2; wait for it, or mirror cancel 2'
    expect(() => queue.askAll([repo('c'), repo('b')], newest, 'operator')).toThrow(busy)
    expect(queue.jobs.map((job) => job.repo?.id)).toEqual(['a', 'b'])
    expect(queue.askAll([repo('c'), repo('b')], asUsual, 'operator').map(({ id }) => id)).toEqual([3, 2])
  })

  test('tells of everything, until it is no longer asked to', async () => {
    const { queue, end } = openQueue(1)
    const told: string[] = []
    const leave = queue.watch(({ id, state }, { type }) => told.push(`${id} ${type} ${state}`))
    queue.ask(repo('a'), asUsual, 'operator')
    await end('a')
    leave()
    queue.ask(repo('a'), asUsual, 'operator')
    expect(told).toEqual(['1 state queued', '1 state running', '1 state ended'])
  })

  test('remembers a hundred that have ended', async () => {
    const { queue, end } = openQueue(1)
    for (let i = 0; i < 105; i++) {
      queue.ask(repo('a'), asUsual, 'operator')
      await end('a')
    }
    expect([queue.jobs.length, queue.find(5), queue.find(6)?.id]).toEqual([100, undefined, 6])
  })
})

describe('cancelling', () => {
  test('takes one that waits out of the queue, and says what is still served', () => {
    const { queue, log } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'operator')
    const job = queue.ask(repo('b'), asUsual, 'operator')
    expect(queue.cancel(job.id)).toBe(true)
    expect(job).toMatchObject({ state: 'ended', outcome: { error: { code: 'E_INTERRUPTED', repo: 'b' }, served: 7 } })
    expect(queue.cancel(job.id)).toBe(false)
    expect(log).toEqual(['a began'])
  })

  test('stops one that runs, and the next one begins when it has ended', async () => {
    const { queue, log } = openQueue(1)
    const job = queue.ask(repo('a'), asUsual, 'operator')
    queue.ask(repo('b'), asUsual, 'operator')
    expect(queue.cancel(job.id)).toBe(true)
    expect(job.state).toBe('running')
    await queue.ended(job)
    await sleep(0)
    expect(job.outcome?.error).toBeInstanceOf(MirrorError)
    expect(log).toEqual(['a began', 'a stopped', 'b began'])
    expect(queue.cancel(99)).toBe(false)
  })

  test('waits until everybody who asked for a run has left', () => {
    const { queue } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'operator')
    const job = queue.ask(repo('b'), asUsual, 'operator')
    queue.ask(repo('b'), asUsual, 'schedule')
    queue.leave(job)
    expect(job.state).toBe('queued')
    queue.leave(job)
    expect(job.state).toBe('ended')
  })
})

describe('an operation', () => {
  const asking = (name: string) => ({ name, arguments: {}, by: 'somebody' })

  test('does not wait for a worker that is free, only for runs below the paths that it writes', async () => {
    const { queue, log, end } = openQueue(1)
    for (const id of ['a', 'b']) queue.ask(repo(id), asUsual, 'operator')
    queue.operate(asking('promote'), ['c'], 'operator')
    queue.operate(asking('rollback'), ['a', 'd'], 'operator')
    queue.ask(repo('d'), asUsual, 'operator')
    expect(log).toEqual(['a began', 'promote began'])
    await end('a')
    expect(log.slice(2)).toEqual(['a ended', 'b began', 'rollback began'])
    await end('b')
    await end('promote')
    expect(log.slice(5)).toEqual(['b ended', 'promote ended'])
    await end('rollback')
    expect(log.slice(7)).toEqual(['rollback ended', 'd began'])
  })

  test('of the whole state waits for everything, and everything that is asked for later waits for it', async () => {
    const { queue, log, end } = openQueue(2)
    queue.ask(repo('a'), asUsual, 'operator')
    queue.operate(asking('gc'), 'all', 'operator')
    queue.ask(repo('b'), asUsual, 'operator')
    queue.operate(asking('verify'), [], 'operator')
    expect(log).toEqual(['a began'])
    await end('a', 'published')
    expect(log.slice(1)).toEqual(['a ended', 'gc began'])
    await end('gc')
    expect(log.slice(3)).toEqual(['gc ended', 'b began', 'verify began'])
  })

  test('has its answer or its error kept, and is followed by a rest where it wrote below paths', async () => {
    const { queue, log, end } = openQueue(1)
    const job = queue.operate(asking('promote'), ['a'], 'schedule')
    await end('promote', 'published')
    expect(job).toMatchObject({ state: 'ended', outcome: { answer: 'published', error: undefined } })
    expect(log.at(-1)).toBe('rest began')
    await end('rest')
    queue.operate(asking('gc'), 'all', 'operator')
    await end('gc')
    expect(log.at(-1)).toBe('gc ended')
  })

  test('is cancelled while it waits and while it runs, and planning waits for it', async () => {
    const { queue, log, end } = openQueue(1)
    const first = queue.operate(asking('promote'), ['a'], 'operator')
    const second = queue.operate(asking('rollback'), ['a'], 'operator')
    const planned = queue.turn('a', async () => void log.push('planned'))
    queue.leave(second)
    expect([second.state, second.outcome?.error]).toEqual(['ended', expect.objectContaining({ code: 'E_INTERRUPTED' })])
    expect(queue.cancel(first.id)).toBe(true)
    await end('promote')
    await planned
    expect(log).toEqual(['promote began', 'promote stopped', 'planned', 'rest began'])
  })

  test('is not begun by a queue that closes', async () => {
    const { queue } = openQueue(1)
    await queue.close()
    expect(() => queue.operate(asking('gc'), 'all', 'operator')).toThrow('the daemon is stopping')
  })
})

describe('another configuration', () => {
  test('holds for what waits, and takes away what it does not have any more', async () => {
    const { queue, end } = openQueue(1)
    for (const id of ['a', 'b', 'gone']) queue.ask(repo(id), asUsual, 'schedule')
    const asked = queue.ask(repo('c'), { acceptShrink: false, overrides: '--source' }, 'operator')
    queue.follow(['a', 'b', 'c'].map((id) => repo(id, { baseurl: ['http://new.example/'] })))
    expect(queue.jobs.map(({ repo: of, state }) => [of?.id, state, of?.baseurl?.[0]])).toEqual([
      ['a', 'running', undefined],
      ['b', 'queued', 'http://new.example/'],
      ['gone', 'ended', undefined],
      ['c', 'queued', undefined],
    ])
    expect(queue.find(3)?.outcome?.error).toMatchObject({ message: 'not configured any more' })
    await end('a')
    await end('b')
    expect(asked.state).toBe('running')
  })
})

describe('rest', () => {
  test('comes after a publication when nothing runs, once, and nothing begins meanwhile', async () => {
    const { queue, log, end } = openQueue(2)
    queue.ask(repo('a'), asUsual, 'operator')
    queue.ask(repo('b'), asUsual, 'operator')
    await end('a', 'published')
    expect(log.at(-1)).toBe('a ended')
    await end('b')
    expect(log.at(-1)).toBe('rest began')
    const job = queue.ask(repo('a'), asUsual, 'operator')
    expect(job.state).toBe('queued')
    await end('rest')
    expect(log.slice(-2)).toEqual(['rest ended', 'a began'])
    await end('a')
    expect(log.at(-1)).toBe('a ended')
  })

  test('does not come where nothing was published', async () => {
    const { queue, log, end } = openQueue(2)
    queue.ask(repo('a'), asUsual, 'operator')
    await end('a')
    expect(log).toEqual(['a began', 'a ended'])
  })
})

describe('a turn', () => {
  test('comes when no run of the repository is under way, and holds up those of it alone', async () => {
    const { queue, log, end } = openQueue(2)
    const planned = Promise.withResolvers<void>()
    queue.ask(repo('a'), asUsual, 'operator')
    const turn = queue.turn('a', () => {
      log.push('plan began')
      return planned.promise
    })
    await sleep(0)
    expect(log).toEqual(['a began'])
    await end('a')
    queue.ask(repo('a'), asUsual, 'operator')
    queue.ask(repo('b'), asUsual, 'operator')
    await sleep(0)
    expect(log.slice(2)).toEqual(['plan began', 'b began'])
    planned.resolve()
    await turn
    expect(log.at(-1)).toBe('a began')
  })

  test('waits for rest, and rest for it; one that fails ends it', async () => {
    const { queue, log, end } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'operator')
    await end('a', 'published')
    const failed = expect(queue.turn('a', () => Promise.reject(new Error('no plan')))).rejects.toThrow('no plan')
    expect(log.at(-1)).toBe('rest began')
    await end('rest')
    await failed
    const planned = Promise.withResolvers<void>()
    const turn = queue.turn('b', () => planned.promise)
    queue.ask(repo('a'), asUsual, 'operator')
    await end('a', 'published')
    expect(log.at(-1)).toBe('a ended')
    planned.resolve()
    await turn
    expect(log.at(-1)).toBe('rest began')
  })
})

describe('closing', () => {
  test('stops what runs, takes out what waits, begins nothing more', async () => {
    const { queue, log } = openQueue(1)
    const jobs = ['a', 'b'].map((id) => queue.ask(repo(id), asUsual, 'operator'))
    await queue.close()
    expect(log).toEqual(['a began', 'a stopped'])
    for (const { state, outcome } of jobs)
      expect([state, outcome?.error]).toMatchObject(['ended', { code: 'E_INTERRUPTED' }])
    expect(() => queue.ask(repo('c'), asUsual, 'operator')).toThrow(expect.objectContaining({ code: 'E_BUSY' }))
  })

  test('waits for a rest, which is told to stop', async () => {
    const { queue, log, end } = openQueue(1)
    queue.ask(repo('a'), asUsual, 'operator')
    await end('a', 'published')
    await queue.close()
    expect(log.slice(-2)).toEqual(['rest began', 'rest stopped'])
  })
})
