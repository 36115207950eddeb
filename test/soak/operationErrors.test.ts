import { join } from 'node:path'
import { expect, test } from 'vitest'
import { moveUpstream } from '../faults/growing.ts'
import { callsBelow, traceSync } from '../faults/strace.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { runMirror } from '../helpers/mirror.ts'
import { flipBit } from '../lifecycle/verify/verifying.ts'
import { type MirroredSite, mirroredSite } from '../sync/faults/mirroredSite.ts'

/** What the kernel may answer to each call that changes or opens something. */
const failures: [call: string, errno: string][] = [
  ['pwrite64', 'ENOSPC'],
  ['fsync', 'EIO'],
  ['fdatasync', 'EIO'],
  ['rename', 'EIO'],
  ['link', 'ENOSPC'],
  ['unlink', 'EIO'],
  ['openat', 'EMFILE'],
]
const verbs = {
  gc: ['gc', '--all'],
  repair: ['verify', '--repair'],
  promotion: ['promote', '--to', 'dev'],
  rollback: ['rollback', 'repo', '--channel', 'dev'],
} satisfies Record<string, string[]>

/** How many of the calls of a kind are made to fail, spread over all of them. */
const points = Number(process.env.MIRROR_TEST_POINTS ?? 2)

const cases = Object.keys(verbs).flatMap((name) => failures.map(([call, errno]) => [name, call, errno] as const))

test.skipIf(!judge('strace')).for(cases)(
  'F1, F3, F4: a %s of which a %s fails with %s is told in one line, and the next one does it',
  { timeout: 600_000 },
  async ([name, call, errno], { skip }) => {
    await using mirrored = await mirroredSite({ retain: '72h', max_delete: 'no' }, { channels: ['dev'] })
    const { site } = mirrored
    const verb = [...verbs[name as keyof typeof verbs], '-c', site.configFile]
    await prepare(mirrored, name, 0)
    await prepare(mirrored, name, 1)
    const all = await callsBelow([site.root, site.state], call, site.configFile, site.path('strace.log'), verb)
    skip(all.length === 0, `a ${name} makes no ${call}`)
    const chosen = spread(all)
    const wrong: string[] = []
    let failed = 0
    for (const [at, n] of chosen.entries()) {
      await prepare(mirrored, name, at + 2)
      const before = await shown(mirrored)
      const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${errno}:when=${n}`]
      const { status, stderr } = await traceSync(site.configFile, inject, verb)
      const tell = (what: string) => wrong.push(`${call} ${n}: ${what}`)
      const after = await shown(mirrored)
      // What was rotten before is so still where it could not be repaired.
      if (name !== 'repair' || status === 0) for (const problem of after.problems) tell(problem)
      if (status !== 0) {
        failed++
        if (!/^E_(IO|NOSPC|FD|ROOT|DAMAGED)\b/m.test(stderr) || /E_BUG|^ {4}at /m.test(stderr))
          tell(`${status}: ${stderr}`)
        if (after.repomds.join() !== before.repomds.join()) tell('it failed, and another generation is shown')
      }
      const next = await runMirror(verb)
      if (next.status !== 0) tell(`the next one: ${next.stdout} ${next.stderr}`)
      for (const problem of (await shown(mirrored)).problems) tell(`after the next one: ${problem}`)
    }
    console.log(`${name} ${call} ${errno}: ${chosen.length} of ${all.length} calls failed, ${failed} runs with them`)
    expect(wrong).toEqual([])
  },
)

/** Brings a site to where the verb has something to do. */
async function prepare(mirrored: MirroredSite, name: string, round: number): Promise<void> {
  const { site, dir } = mirrored
  await moveUpstream(dir, round, 3)
  if (name === 'gc') await site.writeConfig(config(mirrored, '72h'))
  expect(await mirrored.sync()).toMatchObject({ status: 0 })
  if (name === 'rollback' || round === 0)
    expect(await runMirror(['promote', '--to', 'dev', '-c', site.configFile])).toMatchObject({ status: 0 })
  // What is over by now is not swept by the sync that has superseded it.
  if (name === 'gc') await site.writeConfig(config(mirrored, 0))
  const { packages } = await mirrored.check()
  if (name === 'repair') flipBit(join(mirrored.tree, packages[round % packages.length]?.href as string), round + 7)
}

function config({ upstream }: MirroredSite, retain: string | number): object {
  const repo = { baseurl: upstream.url, retries: 1, retry_delay: 0, timeout: 1, retain, max_delete: 'no' }
  return { repos: { repo }, channels: ['dev'] }
}

/** What a client sees at the repository's own path and in the channel. */
async function shown({ tree, site }: MirroredSite): Promise<{ problems: string[]; repomds: string[] }> {
  const reports = [await checkTree(tree), await checkTree(site.path('root/dev/repo'))]
  return {
    problems: reports.flatMap(({ problems }) => problems),
    repomds: reports.map(({ repomdSha256 }) => repomdSha256),
  }
}

function spread(numbers: number[]): number[] {
  return numbers.filter(
    (_, at) => Math.floor((at * points) / numbers.length) !== Math.floor(((at - 1) * points) / numbers.length),
  )
}
