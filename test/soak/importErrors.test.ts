import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { callsBelow, program, traceSync } from '../faults/strace.ts'
import { checkTree } from '../helpers/checker.ts'
import { judge } from '../helpers/judges.ts'
import { makeSite, runMirror } from '../helpers/mirror.ts'
import { startPair } from '../lifecycle/archive/pair.ts'
import { startImporting } from './importing.ts'

const isRoot = process.getuid?.() === 0
const specs = (version: string) => Array.from({ length: 30 }, (_, i) => ({ name: `p${i}`, version, size: 100_000 }))

test.runIf(isRoot)('F1: an import that cannot fit is refused before anything is written', async () => {
  await using pair = await startPair()
  await using far = await makeSite()
  const disk = far.path('disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=22m', 'tmpfs', disk])
  try {
    await pair.sync(specs('1').slice(0, 3))
    await pair.export('old.tar')
    await pair.sync(specs('2'))
    await pair.export('new.tar')
    const places = { root: `${disk}/www`, state: `${disk}/state` }
    await far.writeConfig({ ...places, repos: { base: { archive: 'yes', path: 'el9/base' } } })
    const importing = (name: string) => runMirror(['import', '-c', far.configFile, pair.file(name)])
    expect(await importing('old.tar')).toMatchObject({ status: 0 })
    execFileSync('fallocate', ['-l', '3M', `${disk}/ballast`])
    expect(await importing('new.tar')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^E_NOSPC: Cannot import \S+new\.tar: it needs 3\.0 MB, and 1[\d.]+ MB are free below \S+; free some and import again; nothing was published$/m,
      ),
    })
    expect((await checkTree(`${disk}/www/el9/base`)).problems).toEqual([])
    expect(readdirSync(`${disk}/state/tmp`)).toEqual(['left'])
    execFileSync('rm', [`${disk}/ballast`])
    execFileSync('mount', ['-o', 'remount,size=64m', disk])
    expect(await importing('new.tar')).toMatchObject({ status: 0 })
    expect((await checkTree(`${disk}/www/el9/base`)).packages).toHaveLength(30)
  } finally {
    execFileSync('umount', ['-l', disk])
  }
})

/** What the kernel may answer, and how many of the calls are made to fail, spread over all of them. */
const failures: [call: string, errno: string][] = [
  ['pwrite64', 'ENOSPC'],
  ['pwrite64', 'EIO'],
  ['fsync', 'EIO'],
  ['fdatasync', 'EIO'],
  ['rename', 'EIO'],
  ['link', 'ENOSPC'],
  ['mkdir', 'ENOSPC'],
  ['openat', 'EMFILE'],
]
const points = Number(process.env.MIRROR_TEST_POINTS ?? 3)

test.runIf(judge('strace') && existsSync(program)).for(failures)(
  'F1, F3, F4: a %s of an import that fails with %s is one line and never a broken tree',
  async ([call, errno]) => {
    await using importing = await startImporting()
    const { args, pair } = importing
    const { configFile, root, state } = pair.far
    const all = await callsBelow([root, state], call, configFile, pair.far.path('strace.log'), args)
    const numbers = all.filter((_, at) => at % Math.ceil(all.length / points) === 0)
    const wrong: string[] = []
    let failed = 0
    for (const n of numbers) {
      importing.goBack()
      const inject = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${errno}:when=${n}`]
      const { status, stderr } = await traceSync(configFile, inject, args)
      wrong.push(...(await importing.complaints(`${call} ${n} ${errno}`)))
      if (status !== 0) failed++
      const isClear = status === 0 || (/^E_(IO|NOSPC|FD|ROOT): /m.test(stderr) && !/E_BUG|^ {4}at /m.test(stderr))
      if (!isClear) wrong.push(`${call} ${n} ${errno}: ${stderr}`)
      wrong.push(...(await importing.again(`${call} ${n} ${errno}`)))
    }
    console.log(`${call} ${errno}: ${numbers.length} calls failed, ${failed} imports with them`)
    expect(wrong).toEqual([])
    expect(numbers.length).toBeGreaterThan(0)
  },
)
