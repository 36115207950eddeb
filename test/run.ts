/**
 * `npm test`: types, lint, tests, and a last line that a machine can read, `N passed, N failed`, whatever happens.
 * `--faults` runs test/faults instead, which needs root, strace, mounts or time; `--soak` test/soak, which needs an hour.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const home = new URL('..', import.meta.url).pathname
const apart = ['faults', 'soak'].find((name) => process.argv.includes(`--${name}`))
const counts = { passed: 0, failed: 0 }

function run(command: string, ...args: string[]): Promise<boolean> {
  const path = `${join(home, 'node_modules/.bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH: path, MIRROR_TEST_DIST: '1', ...(apart && { MIRROR_TEST: apart }) }
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: home, stdio: 'inherit', env })
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`)
      resolve(false)
    })
    child.on('close', (status) => resolve(status === 0))
  })
}

/** One thing that passes or fails as a whole. */
async function step(name: string, passed: Promise<boolean>): Promise<void> {
  const ok = await passed
  counts[ok ? 'passed' : 'failed']++
  if (!ok) console.error(`FAILED: ${name}`)
}

type Report = { numPassedTests: number; numFailedTests: number; numFailedTestSuites: number; success: boolean }

/** Vitest in a process of its own, so that its crash is a failed run and not the end of this one. */
async function tests(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mirror-report-'))
  const file = join(folder, 'report.json')
  const ok = await run('vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`)
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report
    counts.passed += report.numPassedTests
    counts.failed += report.numFailedTests
    const unexplained = (!ok || !report.success) && report.numFailedTests === 0
    if (unexplained || report.numPassedTests === 0) counts.failed++
  } catch {
    console.error('vitest ended without a report')
    counts.failed++
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  if (apart === undefined) {
    await step('types', run('tsc', '--noEmit'))
    await step('lint', run('oxlint', '--type-aware', '--deny-warnings'))
    await step('format', run('biome', 'check', '--error-on-warnings'))
  }
  await step('build', run(process.execPath, 'build.ts'))
  await tests()
} catch (error) {
  console.error(error)
  counts.failed++
}
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1
