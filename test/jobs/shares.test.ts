import { expect, test } from 'vitest'
import type { Throttle } from '../../src/config/paceKeys.ts'
import { connectionShares } from '../../src/jobs/shares.ts'

test('one job has what it may use, of what the host may be asked for', () => {
  const shares = connectionShares(() => 10)
  expect([
    join(shares, 'a', 3).now,
    join(
      connectionShares(() => 10),
      'a',
      16,
    ).now,
  ]).toEqual([3, 10])
})

test('the connections of a host are dealt evenly, and all of them', () => {
  const shares = connectionShares(() => 10)
  const jobs = [1, 2, 3].map(() => join(shares, 'a', 16))
  expect(jobs.map(({ now }) => now)).toEqual([4, 3, 3])
})

test('they are dealt again when a job ends, and when it ends twice', () => {
  const shares = connectionShares(() => 10)
  const [first, second, third] = [1, 2, 3].map(() => join(shares, 'a', 16))
  first?.leave()
  expect([second?.now, third?.now]).toEqual([5, 5])
  first?.leave()
  second?.leave()
  expect(third?.now).toBe(10)
})

test('each has one at least, however many there are', () => {
  const shares = connectionShares(() => 2)
  const jobs = [1, 2, 3, 4, 5].map(() => join(shares, 'a', 16))
  expect(jobs.map(({ now }) => now)).toEqual([1, 1, 1, 1, 1])
})

test('hosts have nothing to do with each other', () => {
  const shares = connectionShares(() => 10)
  const [one, other] = [join(shares, 'a', 16), join(shares, 'a:8080', 16)]
  expect([one.now, other.now]).toEqual([10, 10])
})

test('the bandwidth is dealt over all hosts, and what one may not use is the others', () => {
  const shares = connectionShares(
    () => 10,
    () => 900,
  )
  const rates: Record<string, number | undefined> = {}
  const join = (host: string, throttle?: Throttle) =>
    shares.join({ host, most: 5, throttle, set: (_, perSecond) => (rates[host] = perSecond) })
  const leave = join('a')
  expect(rates).toEqual({ a: 900 })
  join('b', { bytes: 100 })
  join('c', { percent: 50 })
  expect(rates).toEqual({ a: 400, b: 100, c: 400 })
  leave()
  expect(rates).toMatchObject({ b: 100, c: 450 })
})

test('without a bandwidth only throttles in bytes count', () => {
  const told: (number | undefined)[] = []
  const set = (_: number, perSecond: number | undefined) => void told.push(perSecond)
  const shares = connectionShares(() => 10)
  for (const throttle of [{ bytes: 100 }, { percent: 50 }, undefined])
    shares.join({ host: 'a', most: 1, throttle, set })
  expect(told).toEqual([100, undefined, undefined])
})

test('who may meet any host has few connections to each, which are kept from all others', () => {
  const shares = connectionShares(() => 10)
  const [listed, one, other] = [join(shares, undefined, 3), join(shares, 'a', 16), join(shares, 'b', 16)]
  expect([listed.now, one.now, other.now]).toEqual([3, 7, 7])
  const more = [1, 2].map(() => join(shares, undefined, 3))
  expect([listed, ...more, one].map(({ now }) => now)).toEqual([2, 2, 2, 4])
  for (const { leave } of [listed, ...more]) leave()
  expect([one.now, other.now]).toEqual([10, 10])
})

function join(shares: ReturnType<typeof connectionShares>, host: string | undefined, most: number) {
  const job = { now: 0, leave: () => {} }
  const set = (connections: number) => {
    job.now = connections
  }
  job.leave = shares.join({ host, most, set })
  return job
}
