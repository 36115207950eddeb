import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { makeTemporaryFolder } from './helpers/temporary.ts'

const log = new URL('../src/log.ts', import.meta.url).href
const main = new URL('../src/main.ts', import.meta.url).pathname

/** What a program that logs writes on stderr. */
function logged(format: string, calls: string): string {
  const program = `import { createLog } from ${JSON.stringify(log)}\nconst log = createLog(${format})\n${calls}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program])
  expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: '' })
  return String(stderr)
}

describe('a log for people', () => {
  test.each([
    ['information', "log.info('started')", 'started\n'],
    ['information about a repository', "log.info({ repo: 'base' }, 'started')", 'base: started\n'],
    ['a warning', "log.warn('unknown key')", 'warning: unknown key\n'],
    ['a warning about a repository', "log.warn({ repo: 'base' }, 'old')", 'warning: base: old\n'],
    ['an error, which begins with its code', "log.error('E_SIZE: no')", 'E_SIZE: no\n'],
    ['one line of a message of several', "log.warn('a\\nb\\u2028c')", 'warning: a b c\n'],
    ['nothing below its level', "log.debug('detail')", ''],
  ])('has %s', (_, call, text) => {
    expect(logged("'text'", call)).toBe(text)
  })

  test('has details where they are asked for', () => {
    expect(logged("'text', 'debug'", "log.debug('detail')")).toBe('detail\n')
  })
})

describe('a log for machines', () => {
  test('has one JSON object on each line', () => {
    const lines = logged("'json'", "log.info({ repo: 'base' }, 'a\\nb'); log.error('E_SIZE: no')").trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 30, time: expect.any(Number), repo: 'base', msg: 'a\nb' },
      { level: 50, time: expect.any(Number), msg: 'E_SIZE: no' },
    ])
  })

  test('has its last line even if the program exits at once', () => {
    expect(logged("'json'", "log.error('E_SIZE: no'); process.exit(0)")).toContain('E_SIZE: no')
  })
})

describe('a log that the journal reads', () => {
  /** Tells the program that its stderr is the journal's: the variable that systemd sets is set for what stderr is. */
  const journal = `import { fstatSync } from 'node:fs'
const { dev, ino } = fstatSync(2)
process.env.JOURNAL_STREAM = dev + ':' + ino\n`

  test.each([
    ['information', "log.info('started')", '<6>started\n'],
    ['a warning', "log.warn('unknown key')", '<4>warning: unknown key\n'],
    ['an error', "log.error('E_SIZE: no')", '<3>E_SIZE: no\n'],
    ['what ends the program', "log.fatal('no more')", '<2>no more\n'],
    ['details', "log.level = 'debug'; log.debug('detail')", '<7>detail\n'],
    ['one priority for a message of several lines', "log.info('a\\n<0>b')", '<6>a <0>b\n'],
  ])('has the priority of %s', (_, call, text) => {
    expect(logged("'text'", journal + call)).toBe(text)
  })

  test('has none where another stream than the journal was inherited', () => {
    const another = "process.env.JOURNAL_STREAM = '8:12345'\n"
    expect(logged("'text'", `${another}log.info('started')`)).toBe('started\n')
  })

  test('stays JSON where that is asked for', () => {
    expect(JSON.parse(logged("'json'", `${journal}log.warn('unknown key')`))).toMatchObject({ level: 40 })
  })

  test('has the errors that end the program with their priority', async () => {
    await using folder = await makeTemporaryFolder()
    const args = ['-c', 'exec 2>"$1"; JOURNAL_STREAM=$(stat -Lc %d:%i /dev/fd/2) exec "$2" "$3" frobnicate', 'sh']
    const file = join(folder.path, 'journal')
    expect(spawnSync('sh', [...args, file, process.execPath, main]).status).toBe(2)
    expect(readFileSync(file, 'utf8')).toMatch(/^<3>E_USAGE: .*frobnicate/)
  })
})
