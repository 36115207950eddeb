import { execFileSync } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTemporaryFolder } from './temporary.ts'

const judges = join(import.meta.dirname, 'judges.ts')

/** What `judge` says in a program of its own, since it reads the environment and tells each command once. */
function run(code: string, env: Record<string, string>) {
  const program = `import { judge } from ${JSON.stringify(judges)}; ${code}`
  const args = ['--input-type=module-typescript', '--eval', program]
  return execFileSync(process.execPath, args, {
    encoding: 'utf8',
    env: { PATH: '/bin:/usr/bin', ...env },
    stdio: 'pipe',
  })
}

test('a command on PATH can judge', () => {
  expect(run("console.log(judge('sh'), judge('sh', 'ls'), judge())", { CI: 'true' })).toBe('true true true\n')
})

test('one that is missing cannot, not even beside others, and neither can a folder or a plain file', async () => {
  await using folder = await makeTemporaryFolder()
  await mkdir(join(folder.path, 'folder'))
  await writeFile(join(folder.path, 'plain'), '', { mode: 0o644 })
  const found = run("console.log(judge('sh', 'no-such'), judge('folder'), judge('plain'))", {
    PATH: `/bin:${folder.path}`,
  })
  expect(found).toBe('false false false\n')
})

test('its absence is told once', () => {
  const told = "console.warn = console.log; judge('no-such'); judge('no-such', 'sh')"
  expect(run(told, {})).toBe('skipped: no-such is not installed\n')
})

test('its absence is an error where CI must not skip', () => {
  expect(() => run("judge('no-such')", { CI: 'true' })).toThrow('no-such is not installed and CI must not skip')
})
