import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { moveUpstream } from '../faults/growing.ts'
import { firstTried, stride } from '../faults/strace.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror, type Site } from '../helpers/mirror.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'

/** Every call that changes what is on disk. */
const calls = ['rename', 'link', 'unlink', 'mkdir', 'fsync', 'fdatasync', 'pwrite64']

/** More calls of one kind than this no small promotion makes. */
const most = 300

test.skipIf(!judge('strace')).for(calls)(
  'C1: a promotion, a rollback and a snapshot that are killed at their Nth %s leave whole trees',
  { timeout: 1_800_000 },
  async (call) => {
    await using mirrored = await mirroredSite({}, { channels: ['dev'] })
    const { site } = mirrored
    const problems: string[] = []
    await moveUpstream(mirrored.dir, 0, 3)
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    expect(await runMirror(['promote', '--to', 'dev', '-c', site.configFile])).toMatchObject({ status: 0 })
    let fired = 0
    const verbs = (n: number) => [
      ['promote', '--to', 'dev'],
      ['rollback', 'repo', '--channel', 'dev'],
      ['snapshot', 'create', `s${n}`],
    ]
    for (const [which] of verbs(0).entries()) {
      for (let n = firstTried(); n <= most; n += stride) {
        await moveUpstream(mirrored.dir, n + which * most, 3)
        expect(await mirrored.sync()).toMatchObject({ status: 0 })
        const verb = verbs(n)[which] as string[]
        const status = await killedAt(call, n, [...verb, '-c', site.configFile])
        problems.push(...(await wrong(site, `${verb.join(' ')} killed at ${call} ${n}`)))
        if (status !== null && status !== 137) break
        fired++
        const next = await runMirror(['promote', '--to', 'dev', '-c', site.configFile])
        if (next.status !== 0) problems.push(`after ${verb.join(' ')} killed at ${call} ${n}: ${next.stderr}`)
        problems.push(...(await wrong(site, `after ${verb.join(' ')} killed at ${call} ${n}`)))
      }
    }
    console.log(`${call}: ${fired} kills`)
    expect(problems).toEqual([])
  },
)

async function wrong(site: Site, when: string): Promise<string[]> {
  const { snapshots } = JSON.parse((await runMirror(['snapshot', 'list', '--json', '-c', site.configFile])).stdout) as {
    snapshots: { name: string; state: string }[]
  }
  const made = snapshots.filter(({ state }) => state === 'made').map(({ name }) => `snapshots/${name}/repo`)
  const problems: string[] = []
  for (const path of ['repo', 'dev/repo', ...made])
    problems.push(
      ...(await checkTree(site.path('root', path))).problems.map((problem) => `${when}: ${path}: ${problem}`),
    )
  return problems
}

/** Runs a verb that strace kills before the Nth call of one kind in any of its threads; 0 where it never came to that. */
async function killedAt(call: string, n: number, args: string[]): Promise<number | null> {
  const inject = `inject=${call}:signal=SIGKILL:when=${n}`
  const strace = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject]
  const main = new URL('../../dist/main.js', import.meta.url).pathname
  const child = spawn('strace', [...strace, process.execPath, main, ...args], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
    stdio: 'ignore',
  })
  const [status] = (await once(child, 'close')) as [number | null]
  return status
}
