import { spawnSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'

const log = new URL('../src/log.ts', import.meta.url).href

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
