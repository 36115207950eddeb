import { expect, test } from 'vitest'
import { judge } from '../helpers/judges.ts'
import { mirroredSite } from '../sync/faults/mirroredSite.ts'
import { moveUpstream, packagesOf } from './growing.ts'
import { callsBelow, traceSync } from './strace.ts'

/** What the kernel may answer to each call, and how many of the calls are made to fail, spread over all of them. */
const failures: [call: string, errno: string][] = [
  ['pwrite64', 'ENOSPC'],
  ['pwrite64', 'EIO'],
  ['fsync', 'EIO'],
  ['fdatasync', 'EIO'],
  ['rename', 'EIO'],
  ['link', 'ENOSPC'],
  ['mkdir', 'ENOSPC'],
  ['ftruncate', 'EIO'],
  ['unlink', 'EIO'],
  ['openat', 'EMFILE'],
  ['openat', 'ENOSPC'],
]
const points = Number(process.env.MIRROR_TEST_POINTS ?? 10)

function spread(numbers: number[]): number[] {
  return numbers.filter(
    (_, at) => Math.floor((at * points) / numbers.length) !== Math.floor(((at - 1) * points) / numbers.length),
  )
}

test.skipIf(!judge('strace')).for(failures)(
  'F1, F3, F4: a %s that fails with %s is one line and never a broken tree',
  async ([call, errno]) => {
    await using mirrored = await mirroredSite()
    const { site, dir } = mirrored
    const { configFile } = site
    await moveUpstream(dir, 0, 3)
    expect(await mirrored.sync()).toMatchObject({ status: 0 })
    await moveUpstream(dir, 1, 3)
    const numbers = spread(await callsBelow([site.root, site.state], call, configFile, site.path('strace.log')))
    const wrong: string[] = []
    const tell = (n: number, what: string) => wrong.push(`${call} ${n} ${errno}: ${what}`)
    let failed = 0
    for (const [at, n] of numbers.entries()) {
      const round = at + 2
      await moveUpstream(dir, round, 3)
      const { status, stderr } = await traceSync(configFile, [
        '-o',
        '/dev/null',
        '-e',
        `trace=${call}`,
        '-e',
        `inject=${call}:error=${errno}:when=${n}`,
      ])
      for (const problem of (await mirrored.check()).problems) tell(n, problem)
      if (status === 0) await expectRound(round, (what) => tell(n, `exit 0, but ${what}`))
      else {
        failed++
        if (!/^E_(IO|NOSPC|FD|ROOT)( repo)?: /m.test(stderr) || /E_BUG|^ {4}at /m.test(stderr)) tell(n, stderr)
      }
      const next = await mirrored.sync()
      if (next.status !== 0) tell(n, `the next run: ${next.stderr}`)
      await expectRound(round, (what) => tell(n, `after the next run ${what}`))
    }
    console.log(`${call} ${errno}: ${numbers.length} calls failed, ${failed} runs with them`)
    expect(wrong).toEqual([])

    async function expectRound(round: number, tell: (what: string) => void): Promise<void> {
      const { problems, packages } = await mirrored.check()
      for (const problem of problems) tell(problem)
      const expected = packagesOf(round, 3).map(({ name, version = '1.0' }) => `${name}-0:${version}-1.x86_64`)
      if (packages.map(({ nevra }) => nevra).join(' ') !== expected.join(' ')) tell('another generation is published')
    }
  },
)
