import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { checkTree } from '../helpers/checker.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { startSyncing } from '../sync/syncing.ts'
import { moveUpstream, packagesOf } from './growing.ts'

const publishes = Number(process.env.MIRROR_PUBLISHES ?? 300)
const wantedReads = Number(process.env.MIRROR_READS ?? 5000)
const readers = 8

test(`of ${wantedReads} reads during ${publishes} publishes none is broken, and a slow one gets its file whole`, async () => {
  await using syncing = await startSyncing(packagesOf(0))
  const { site, dir } = syncing
  await syncing.run()
  const serving = site.path('serve.yaml')
  await writeFile(serving, `root: ${site.root}\nlisten: 127.0.0.1:0\nrepos: { base: { baseurl: ./upstream } }\n`)
  await using server = spawnMirror(['serve', '-c', serving])
  const url = new URL('base/', (await server.says(/at (http:\S+)/))[1])
  const reading = { on: true, reads: 0 }
  const slow = readSlowly(url, reading)
  const problems = Array.from({ length: readers }, () => readRepeatedly(url, reading))
  let published = 1
  for (let round = 1; round < publishes || reading.reads < wantedReads; round++) {
    await moveUpstream(dir, round)
    if ((await syncing.run())?.result === 'published') published++
  }
  reading.on = false
  expect((await Promise.all(problems)).flat()).toEqual([])
  expect(published).toBeGreaterThanOrEqual(publishes)
  expect(await slow).toBe('whole')
}, 600_000)

/** A read is one request whose bytes were compared: repomd.xml, a document or a package. */
async function readRepeatedly(url: URL, reading: { on: boolean; reads: number }): Promise<string[]> {
  const problems: string[] = []
  while (reading.on) {
    const report = await checkTree(url.href, { verifyPackages: 4 })
    problems.push(...report.problems)
    reading.reads += 1 + 3 + Math.min(4, report.packages.length)
  }
  return problems
}

/** Reads a large package a little at a time for as long as publishing goes on; its length tells whether it was cut. */
async function readSlowly(repo: URL, reading: { readonly on: boolean }): Promise<string> {
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
