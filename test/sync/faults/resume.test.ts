import { expect, test } from 'vitest'
import { makeRepository } from '../../helpers/repository.ts'
import type { Fault } from '../../helpers/upstream.ts'
import { mirroredSite } from './mirroredSite.ts'

const name = 'large-1.0-1.x86_64.rpm'
const href = `Packages/l/${name}`
/** Larger than what is gathered before it is written. */
const large = { name: 'large', size: 900_000 }

/** Cuts the first transfer of the large package, then answers the Range of the second one wrongly. */
async function cutThenResume(fault?: Fault) {
  await using mirrored = await mirroredSite({ retries: 3 })
  const { upstream, dir } = mirrored
  await makeRepository(dir, [large])
  upstream.rules.push({ path: href, times: 1, fault: { kind: 'truncate', after: 600_000 } })
  if (fault) upstream.rules.push({ path: href, times: 1, fault })
  const run = await mirrored.sync()
  const ranges = upstream.requests.filter(({ path }) => path.endsWith(name)).map(({ headers }) => headers.range)
  return { run, ranges, problems: (await mirrored.check()).problems }
}

test('U8: a transfer that was cut goes on where it ended', async () => {
  const { run, ranges, problems } = await cutThenResume()
  expect(run).toMatchObject({ status: 0 })
  expect(ranges).toEqual([undefined, 'bytes=600000-'])
  expect(problems).toEqual([])
})

test.for([
  'wrongStart',
  'wrongTotal',
  'otherContent',
  'whole',
  'unsatisfiable',
  'multipart',
  'noContentRange',
] as const)('a range that is answered wrongly (%s) costs another request and never a wrong byte', async (answer) => {
  const { run, ranges, problems } = await cutThenResume({ kind: 'range', answer })
  expect(run).toMatchObject({ status: 0 })
  expect(ranges.slice(0, 2)).toEqual([undefined, 'bytes=600000-'])
  expect(ranges.slice(2)).toEqual(answer === 'whole' ? [] : [undefined])
  expect(problems).toEqual([])
})

test('U8: a part that a run left is taken up by the next one', async () => {
  await using mirrored = await mirroredSite()
  const { upstream, dir } = mirrored
  await makeRepository(dir, [large, { name: 'small' }])
  upstream.rules.push({ path: href, times: 1, fault: { kind: 'truncate', after: 600_000 } })
  upstream.rules.push({ path: href, fault: { kind: 'reset' } })
  expect(await mirrored.sync()).toMatchObject({ status: 1 })
  upstream.rules.length = 0
  upstream.requests.length = 0
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  const asked = upstream.requests.filter(({ path }) => path.endsWith('.rpm'))
  expect(asked.map(({ path }) => path)).toEqual([`/${href}`])
  const from = Number(/^bytes=(\d+)-$/.exec(asked[0]?.headers.range ?? '')?.[1])
  expect(from).toBeGreaterThanOrEqual(256 * 1024)
  expect((await mirrored.check()).problems).toEqual([])
})
