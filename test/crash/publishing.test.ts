import { once } from 'node:events'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream } from './growing.ts'

const publishes = Number(process.env.MIRROR_PUBLISHES ?? 300)
const wantedReads = Number(process.env.MIRROR_READS ?? 5000)
const repos = 10

/** One configuration with several repos of one upstream: each run publishes all of them. */
function config(upstream: string): object {
  const names = Array.from({ length: repos }, (_, i) => `r${i}`)
  const repo = { baseurl: upstream, retries: 1, retry_delay: 0 }
  return { listen: '127.0.0.1:0', workers: 4, repos: Object.fromEntries(names.map((name) => [name, repo])) }
}

test(`of ${wantedReads} reads during ${publishes} publishes none is broken, and a slow one gets its generation whole`, async () => {
  await using mirrored = await mirroredSite()
  const { dir, upstream, site } = mirrored
  await site.writeConfig(config(upstream.url))
  await moveUpstream(dir, 0)
  expect((await mirrored.sync()).status).toBe(0)
  await using server = spawnMirror(['serve', '-c', site.configFile])
  const url = (await server.says(/at (http:\S+)/))[1] as string
  const reading = { on: true }
  const slow = readSlowly(new URL('r0/', url), reading)
  const readers = Array.from({ length: 8 }, (_, i) => readRepeatedly(url, i, reading))
  for (let round = 1; round * repos < publishes; round++) {
    await moveUpstream(dir, round)
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
  }
  reading.on = false
  const done = await Promise.all(readers)
  expect(done.flatMap(({ problems }) => problems)).toEqual([])
  expect(done.reduce((sum, { reads }) => sum + reads, 0)).toBeGreaterThanOrEqual(wantedReads)
  expect(await slow).toBe('whole')
}, 600_000)

/** A read is one request whose bytes were compared: repomd.xml, a document or a package. */
async function readRepeatedly(
  url: string,
  reader: number,
  reading: { on: boolean },
): Promise<{ reads: number; problems: string[] }> {
  const problems: string[] = []
  let reads = 0
  for (let i = reader; reading.on; i++) {
    const report = await checkTree(new URL(`r${i % repos}/`, url).href, { verifyPackages: 4 })
    problems.push(...report.problems)
    reads += 1 + 3 + Math.min(4, report.packages.length)
  }
  return { reads, problems }
}

/** Reads a large package a little at a time for as long as publishing goes on; its length tells whether it was cut. */
async function readSlowly(repo: URL, reading: { on: boolean }): Promise<string> {
  const { packages } = await checkTree(repo.href, { verifyPackages: 'none' })
  const large = packages.find(({ href }) => href.includes('large')) as { href: string }
  const [response] = await once(get(new URL(large.href, repo)), 'response')
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    if (reading.on) await sleep(500)
  }
  return size === Number(response.headers['content-length']) ? 'whole' : `cut after ${size}`
}
