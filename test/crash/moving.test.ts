import { expect, test } from 'vitest'
import { makeRepository } from '../helpers/repository.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream, packagesOf } from './growing.ts'

/** Moves the upstream to a round and removes all that earlier rounds alone had. */
function replaceUpstream(dir: string, round: number): Promise<void> {
  return makeRepository(dir, packagesOf(round), { compression: 'zst', clean: true })
}

test('an upstream that moves between repomd.xml and primary is planned again', async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream } = mirrored
  await replaceUpstream(dir, 1)
  upstream.rules.push({ path: /primary/, times: 1, fault: { kind: 'hook', before: () => replaceUpstream(dir, 2) } })
  const run = await mirrored.sync()
  expect(run).toMatchObject({ status: 0 })
  expect(run.stderr).toContain('the upstream changed meanwhile; planning again')
  await expectRound(mirrored, 2)
})

test('an upstream that moves between primary and the last package is planned again, and the pool is kept', async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream } = mirrored
  await replaceUpstream(dir, 1)
  upstream.rules.push({ path: /moves-5-1/, times: 1, fault: { kind: 'hook', before: () => replaceUpstream(dir, 2) } })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await expectRound(mirrored, 2)
  const staying = mirrored.asked().filter((path) => path.includes('stays-'))
  expect(staying).toHaveLength(new Set(staying).size)
})

test('an upstream that moves and keeps its old files is finished as it was begun', async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream } = mirrored
  await moveUpstream(dir, 1)
  upstream.rules.push({ path: /primary/, times: 1, fault: { kind: 'hook', before: () => moveUpstream(dir, 2) } })
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await expectRound(mirrored, 1)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await expectRound(mirrored, 2)
})

test('an upstream that moves on every try is given up in one line, and the old state is served', async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream } = mirrored
  await replaceUpstream(dir, 1)
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await replaceUpstream(dir, 2)
  let round = 2
  upstream.rules.push({ path: /primary/, fault: { kind: 'hook', before: () => replaceUpstream(dir, ++round) } })
  const run = await mirrored.sync()
  expect(run.status).toBe(1)
  expect(run.stderr).toContain(
    `E_MOVING repo: Cannot sync from ${upstream.url}: the upstream changed 4 times while it was read; run again later; generation 1 is still served`,
  )
  await expectRound(mirrored, 1)
})

async function expectRound(mirrored: Awaited<ReturnType<typeof mirroredSite>>, round: number): Promise<void> {
  const { packages, problems } = await mirrored.check()
  expect(problems).toEqual([])
  const moving = packages
    .filter(({ nevra }) => nevra.startsWith('moves-'))
    .map(({ nevra }) => nevra.replace(/^moves-\d-/, ''))
  expect(new Set(moving)).toEqual(new Set([`0:${round}-1.x86_64`]))
  expect(packages).toHaveLength(packagesOf(round).length)
}
