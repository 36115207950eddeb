import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { firstTried, program, stride, traceSync } from '../faults/strace.ts'
import { judge } from '../helpers/judges.ts'
import { spawnMirror } from '../helpers/mirror.ts'
import { type Importing, startImporting } from './importing.ts'

/** Every call that changes what is on disk. */
const calls = ['rename', 'link', 'unlink', 'mkdir', 'fsync', 'fdatasync', 'pwrite64']

/** More calls of one kind than this no small import makes. */
const most = 400
const kills = Number(process.env.MIRROR_TEST_KILLS ?? 15)

let importing: Importing
beforeAll(async () => {
  importing = await startImporting()
})
afterAll(() => importing[Symbol.asyncDispose]())

describe.runIf(judge('strace') && existsSync(program))('C1: an import that is killed', () => {
  test.for(calls)('at its Nth %s leaves the old generation or the new one', async (call) => {
    const problems: string[] = []
    const { configFile } = importing.pair.far
    let fired = 0
    for (let n = firstTried(); n <= most; n += stride) {
      importing.goBack()
      const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${n}`]
      const { status } = await traceSync(configFile, inject, importing.args)
      problems.push(...(await importing.complaints(`killed at ${call} ${n}`)))
      if (status === 0) break
      fired++
      if (fired % 4 === 0) problems.push(...(await importing.again(`${call} ${n}`)))
    }
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
    expect(fired).toBeLessThan(most)
  })
})

test(`C2: ${kills} kills of an import at random times leave the old generation or the new one`, async () => {
  const problems: string[] = []
  for (let n = 0; n < kills; n++) {
    importing.goBack()
    await using running = spawnMirror(importing.args)
    await sleep(150 + Math.random() * 900)
    running.child.kill('SIGKILL')
    await running.ended
    problems.push(...(await importing.complaints(`kill ${n}`)), ...(await importing.again(`kill ${n}`)))
  }
  expect(problems).toEqual([])
})
