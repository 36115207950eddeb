import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { runMirror } from '../helpers/mirror.ts'
import { flipBit } from '../lifecycle/verify/verifying.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream } from './growing.ts'

const main = new URL('../../dist/main.js', import.meta.url).pathname

/** More calls of one kind than this neither makes here. */
const most = 200

/** Runs a verb under strace with an injection; its status, null where it was killed. */
async function traced(verb: string[], call: string, inject: string): Promise<number | null> {
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${inject}`]
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1' }
  const child = spawn('strace', [...strace, process.execPath, main, ...verb], { env, stdio: 'ignore' })
  const [status] = (await once(child, 'close')) as [number | null]
  return status
}

test.skipIf(!judge('strace')).for(['unlink', 'pwrite64', 'fsync'])(
  'C5: a gc that is killed at its Nth %s, whatever N, takes nothing that is needed, and the next one ends it',
  async (call) => {
    await using mirrored = await mirroredSite({ retain: 0, max_delete: 'no' })
    const { site, dir } = mirrored
    const problems: string[] = []
    let fired = 0
    for (let n = 1; n <= most; n++) {
      await moveUpstream(dir, n, 3)
      await mirrored.sync()
      const status = await traced(['gc', '--all', '-c', site.configFile], call, `signal=SIGKILL:when=${n}`)
      problems.push(...(await mirrored.check()).problems.map((problem) => `killed at ${call} ${n}: ${problem}`))
      if (status === 0) break
      fired++
    }
    expect(await runMirror(['gc', '--all', '-c', site.configFile])).toMatchObject({ status: 0 })
    expect(await runMirror(['verify', '-c', site.configFile])).toMatchObject({ status: 0 })
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
    expect([fired > 0, fired < most]).toEqual([true, true])
  },
)

test.skipIf(!judge('strace')).for(['rename', 'link', 'unlink'])(
  'C5: a repair that is killed at its Nth %s, whatever N, is done by the next one',
  async (call) => {
    await using mirrored = await mirroredSite()
    const { site, dir } = mirrored
    await moveUpstream(dir, 0, 3)
    await mirrored.sync()
    const { packages } = await mirrored.check()
    const file = join(mirrored.tree, packages[0]?.href as string)
    const problems: string[] = []
    let fired = 0
    for (let n = 1; n <= most; n++) {
      flipBit(file, n * 7)
      const status = await traced(['verify', '--repair', '-c', site.configFile], call, `signal=SIGKILL:when=${n}`)
      const next = await runMirror(['verify', '--repair', '-c', site.configFile])
      if (next.status !== 0) problems.push(`next after ${call} ${n}: ${next.stdout}`)
      problems.push(...(await mirrored.check()).problems.map((problem) => `next after ${call} ${n}: ${problem}`))
      if (status === 0) break
      fired++
    }
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
    expect(fired).toBeLessThan(most)
  },
)

test.skipIf(!judge('strace')).for([
  ['pread64', 'EIO'],
  ['openat', 'EMFILE'],
] as const)('F3, F4: a verify whose Nth %s fails with %s is told, and changes nothing', async ([call, errno]) => {
  await using mirrored = await mirroredSite()
  await moveUpstream(mirrored.dir, 0, 3)
  await mirrored.sync()
  const { configFile } = mirrored.site
  const statuses = new Set<number | null>()
  for (let n = 10; n <= 120; n += 9)
    statuses.add(await traced(['verify', '-c', configFile], call, `error=${errno}:when=${n}`))
  expect([...statuses].filter((status) => status !== 0 && status !== 1 && status !== 2)).toEqual([])
  expect(await runMirror(['verify', '-c', configFile])).toMatchObject({ status: 0 })
})
