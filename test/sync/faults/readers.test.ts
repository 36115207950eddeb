import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { spawnMirror } from '../../helpers/mirror.ts'
import { makeRepository, packageFile } from '../../helpers/repository.ts'
import { sha256 } from './listing.ts'
import { mirroredSite } from './mirroredSite.ts'
import { large, packagesAt, readOn, readSlowly } from './readers.ts'

const publishes = 300
const readers = 8
const slowPublishes = 25

test('K5: clients that read while 300 generations are published never see a broken one', async () => {
  await using mirrored = await mirroredSite()
  const { site, dir } = mirrored
  await site.writeConfig({ listen: '127.0.0.1:0', repos: { repo: { baseurl: `file://${dir}`, retain: '72h' } } })
  await makeRepository(dir, packagesAt(1))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  await using server = spawnMirror(['serve', '-c', site.configFile])
  const [, url] = await server.says(/at (http:\S+?)\/?$/m)

  const stop = new AbortController()
  const reading = Array.from({ length: readers }, () => readOn(`${url}/repo/`, stop.signal))
  const loop = spawn(
    process.execPath,
    [join(import.meta.dirname, 'publishLoop.ts'), site.configFile, dir, String(publishes)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(loop, 'close')
  const published = createInterface(loop.stdout)[Symbol.asyncIterator]()
  const href = `Packages/l/${packageFile(large)}`
  const expected = sha256(await readFile(join(mirrored.tree, href)))
  let seen = 0
  const ticks = async function* () {
    for (; seen < slowPublishes; seen++) yield await published.next()
  }
  expect(await readSlowly(`${url}/repo/${href}`, ticks())).toBe(expected)
  for (;;)
    if ((await published.next()).done === true) break
    else seen++
  stop.abort()
  expect((await ended)[0]).toBe(0)
  const all = await Promise.all(reading)
  const reads = all.reduce((sum, one) => sum + one.reads, 0)
  console.log(
    `${seen} publishes, ${reads} reads by ${readers} clients, ${all.flatMap(({ broken }) => broken).length} broken`,
  )
  expect(all.flatMap(({ broken }) => broken)).toEqual([])
  expect(seen).toBe(publishes)
  expect(reads).toBeGreaterThanOrEqual(5000)
}, 300_000)
