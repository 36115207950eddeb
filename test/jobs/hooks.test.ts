import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { Repo } from '../../src/config/repo.ts'
import { MirrorError } from '../../src/errors.ts'
import type { Event } from '../../src/events.ts'
import { callHook } from '../../src/jobs/hooks.ts'
import type { Outcome } from '../../src/jobs/outcome.ts'
import { makeTemporaryFolder } from '../helpers/temporary.ts'
import { isRunning } from './workers.ts'

const never = new AbortController().signal

/** Calls the hook of a run that ended in some way: a shell script, or a path as it is; what it told and left behind. */
async function call(
  script: string,
  ended: Partial<Outcome>,
  settings: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  await using folder = await makeTemporaryFolder()
  const program = script.startsWith('/') ? script : `${folder.path}/hook`
  const out = `${folder.path}/out`
  if (!script.startsWith('/')) {
    writeFileSync(program, `#!/bin/sh\n${script.replaceAll('OUT', out)}\n`)
    chmodSync(program, 0o755)
  }
  const events: Event[] = []
  const { timeoutMs = 20_000, signal = never } = settings
  const hooks = { publish: program, failure: program, timeoutMs }
  const repo = { id: 'base', path: 'centos/base', hooks } as Repo
  const outcome = { repo, seconds: 1.5, summary: undefined, leftOut: 0, error: undefined, served: 4, ...ended }
  await callHook(outcome, '/srv/www', (event) => events.push(event), signal)
  const warnings = events.flatMap((event) => (event.type === 'notice' ? event.message.replace(program, 'HOOK') : []))
  return { warnings, left: textOf(out) }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const summary = {
  result: 'published' as const,
  generation: 4,
  packages: 10,
  added: 3,
  removed: 1,
  bytes: 4096,
  missing: [],
  unhashed: [],
}
const failed = { error: new MirrorError('E_HTTP', 'Cannot fetch x\nfrom y'), served: 4 }

test('a publication is told in the environment and on stdin', async () => {
  const { left, warnings } = await call('env | grep ^MIRROR_ | grep -v ^MIRROR_TEST | LC_ALL=C sort >OUT; cat >>OUT', {
    summary,
    leftOut: 2,
  })
  expect(warnings).toEqual([])
  const lines = left?.trimEnd().split('\n') ?? []
  expect(lines.slice(0, -1)).toEqual([
    'MIRROR_ADDED=3',
    'MIRROR_BYTES=4096',
    'MIRROR_EVENT=publish',
    'MIRROR_GENERATION=4',
    'MIRROR_LEFT_OUT=2',
    'MIRROR_PACKAGES=10',
    'MIRROR_PATH=centos/base',
    'MIRROR_REMOVED=1',
    'MIRROR_REPO=base',
    'MIRROR_RESULT=published',
    'MIRROR_ROOT=/srv/www',
    'MIRROR_SECONDS=1.5',
  ])
  const counts = { generation: 4, packages: 10, added: 3, removed: 1, bytes: 4096, leftOut: 2, seconds: 1.5 }
  const told = { event: 'publish', root: '/srv/www', repo: 'base', path: 'centos/base', result: 'published' }
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ ...told, ...counts })
})

test('a failure is told with its code and message, in the environment on one line', async () => {
  const { left } = await call('env | grep ^MIRROR_ | grep -v ^MIRROR_TEST | LC_ALL=C sort >OUT; cat >>OUT', failed)
  expect(left).toContain('MIRROR_ERROR=Cannot fetch x from y\nMIRROR_ERROR_CODE=E_HTTP\nMIRROR_EVENT=failure\n')
  const told = JSON.parse(left?.trimEnd().split('\n').at(-1) ?? '') as object
  expect(told).toMatchObject({ event: 'failure', error: { code: 'E_HTTP', message: 'Cannot fetch x\nfrom y' } })
})

test.each<[string, Partial<Outcome>]>([
  ['of which nothing came', { summary: { ...summary, result: 'unchanged' } }],
  ['that was interrupted', { error: new MirrorError('E_INTERRUPTED', 'stopped') }],
])('a run %s calls no program', async (_, ended) => {
  expect(await call('touch OUT', ended)).toEqual({ warnings: [], left: undefined })
})

test.each([
  ['a status', 'exit 7', 'HOOK ended with status 7'],
  ['a signal', 'kill -TERM $$', 'HOOK ended SIGTERM'],
  [
    'no such file',
    '/nonexistent/hook',
    'HOOK cannot be run: there is no such file, or not the interpreter that it names',
  ],
  ['no program', '/etc/passwd', 'HOOK cannot be run: it is not executable'],
  ['a file in place of its folder', '/etc/passwd/hook', 'HOOK cannot be run: spawn ENOTDIR'],
])('%s is one warning', async (_, script, warning) => {
  expect((await call(script, { summary })).warnings).toEqual([`on_publish: ${warning}`])
})

test('one that never reads what it is told is no problem', async () => {
  const long = new MirrorError('E_HTTP', 'x'.repeat(100_000))
  expect(await call('exec <&-; echo done >OUT', { error: long })).toEqual({ warnings: [], left: 'done\n' })
})

test('an error that is too long for an environment is a warning, too', async () => {
  const long = new MirrorError('E_HTTP', 'x'.repeat(300_000))
  expect((await call('true', { error: long })).warnings).toEqual(['on_failure: HOOK cannot be run: spawn E2BIG'])
})

test('one that takes too long is killed with all that it has started', async () => {
  const { warnings, left } = await call('sleep 60 & echo $! $$ >OUT; wait', { summary }, { timeoutMs: 500 })
  expect(warnings).toEqual(['on_publish: HOOK did not end within 0.5 s and was killed'])
  await expect
    .poll(() =>
      left
        ?.trim()
        .split(' ')
        .map((pid) => isRunning(Number(pid))),
    )
    .toEqual([false, false])
})

test('one whose job is stopped has two seconds more', async () => {
  const signal = AbortSignal.timeout(100)
  expect((await call('sleep 60', { summary }, { signal })).warnings).toEqual([
    'on_publish: HOOK was killed as its job was stopped',
  ])
  expect((await call('sleep 1', { summary }, { signal })).warnings).toEqual([])
})
