import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream } from './growing.ts'
import { firstTried, stride } from './strace.ts'

/**
 * Every call that changes what is on disk. Those that open files are many, most of them at the program's start: each third
 * is tried, and each one with `MIRROR_TEST_STRIDE=1`.
 */
const calls = ['rename', 'link', 'unlink', 'mkdir', 'fsync', 'fdatasync', 'ftruncate', 'pwrite64', 'openat']

/** More calls of one kind than this no small sync makes; a loop that gets there has lost its end. */
const most = 400

test.skipIf(!judge('strace')).for(calls)(
  'C1: a sync that is killed at its Nth %s, whatever N, leaves a whole tree',
  async (call) => {
    await using mirrored = await mirroredSite()
    await moveUpstream(mirrored.dir, 0, 3)
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    const problems: string[] = []
    let fired = 0
    const step = call === 'openat' ? Math.min(3, stride) : 1
    for (let n = firstTried(step); n <= most; n += step) {
      await moveUpstream(mirrored.dir, n, 3)
      const status = await killedAt(call, n, mirrored.site.configFile)
      problems.push(...(await mirrored.check()).problems.map((problem) => `killed at ${call} ${n}: ${problem}`))
      if (status === 0) break
      fired++
      const next = await mirrored.sync()
      if (next.status !== 0) problems.push(`next run after ${call} ${n}: ${next.stderr}`)
      problems.push(...(await mirrored.check()).problems.map((problem) => `run after ${call} ${n}: ${problem}`))
    }
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
    expect(fired).toBeLessThan(most)
  },
)

/** Runs a sync that strace kills before the Nth call of one kind in any of its threads; 0 where it never came to that. */
async function killedAt(call: string, n: number, configFile: string): Promise<number | null> {
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
  const main = new URL('../../dist/main.js', import.meta.url).pathname
  const child = spawn('strace', [...strace, process.execPath, main, 'sync', '-c', configFile], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: 'ignore',
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return status
}
