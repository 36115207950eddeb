import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codes, exitStatus, fromSystem, isSystemError, MirrorError, oneLine } from '../src/errors.ts'
import { makeTemporaryFolder } from './helpers/temporary.ts'

describe('the line of an error', () => {
  test.each([
    ['its code and message', new MirrorError('E_SIZE', '12 expected'), 'E_SIZE: 12 expected'],
    ['its repository', new MirrorError('E_SIZE', '12 expected', { repo: 'base' }), 'E_SIZE base: 12 expected'],
    ['one line only', new MirrorError('E_XML', 'a\r\nE_BUG: b\u2028c\u0000d'), 'E_XML: a E_BUG: b c d'],
    ['nothing that moves a cursor', new MirrorError('E_XML', '\u001b[2Ja\u009bK'), 'E_XML:  [2Ja K'],
  ])('has %s', (_, error, line) => {
    expect(error.line).toBe(line)
  })

  test('takes the repository from whoever learns it later', () => {
    const error = new MirrorError('E_CONNECT', 'refused')
    error.repo = 'base'
    expect(error.line).toBe('E_CONNECT base: refused')
  })
})

test('an error keeps its cause and is told apart from a bug', () => {
  const cause = new TypeError('x is not a function')
  const error = new MirrorError('E_IO', 'no', { cause })
  expect(error).toMatchObject({ name: 'MirrorError', cause, repo: undefined })
  expect(error).toBeInstanceOf(Error)
})

test('every code says in one line what happened', () => {
  for (const [code, text] of Object.entries(codes)) {
    expect(code).toMatch(/^E(_[A-Z]+)+$/)
    expect(text).toBe(oneLine(text))
    expect(text.length).toBeGreaterThan(10)
  }
  expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length)
})

describe('the exit status', () => {
  test.each([
    ['E_CONFIG', 2],
    ['E_USAGE', 2],
    ['E_ROOT', 2],
    ['E_BUSY', 3],
    ['E_CHECKSUM', 1],
    ['E_INTERRUPTED', 1],
  ] as const)('of %s is %i', (code, status) => {
    expect(exitStatus(new MirrorError(code, ''))).toBe(status)
  })

  test('of a bug is 1', () => {
    expect(exitStatus(new TypeError('no'))).toBe(1)
    expect(exitStatus(undefined)).toBe(1)
  })
})

test.each([
  ['plain text', 'plain text'],
  ['a\tb\nc', 'a b c'],
  ['a\n\n\n\nb', 'a b'],
  ['\u007f\u0085\u2029', ' '],
  ['naïve 🎉', 'naïve 🎉'],
])('%j on one line is %j', (text, line) => {
  expect(oneLine(text)).toBe(line)
})

/** The error of a real system call. */
async function failure(call: () => Promise<unknown>): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

describe("a system call's error", () => {
  test('says what was tried and why it failed', async () => {
    await using folder = await makeTemporaryFolder()
    const missing = join(folder.path, 'missing')
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    const cases: [() => Promise<unknown>, string][] = [
      [() => open(missing), 'E_IO: Cannot read: no such file or directory'],
      [() => open(join(file, 'below')), 'E_IO: Cannot read: a part of the path is not a directory'],
      [() => readFile(folder.path), 'E_IO: Cannot read: it is a directory'],
      [() => open(file, 'wx'), `E_IO: Cannot read: EEXIST: file already exists, open '${file}'`],
    ]
    for (const [call, line] of cases) {
      const cause = await failure(call)
      expect(fromSystem(cause, 'Cannot read')).toMatchObject({ line, cause })
    }
  })

  test.each([
    ['ENOSPC', 'E_NOSPC'],
    ['EDQUOT', 'E_NOSPC'],
    ['EFBIG', 'E_NOSPC'],
    ['EMFILE', 'E_FD'],
    ['ENFILE', 'E_FD'],
    ['EIO', 'E_IO'],
    ['EROFS', 'E_IO'],
    ['ELOOP', 'E_IO'],
  ])('%s becomes %s', (system, code) => {
    const error = Object.assign(new Error('as the system says'), { code: system, syscall: 'write' })
    expect(fromSystem(error, 'Cannot write x')).toMatchObject({
      code,
      message: expect.stringMatching(/^Cannot write x: ./),
    })
  })

  test('is told apart from a bug and from our own errors, which stay as they are', () => {
    for (const error of [new TypeError('no'), new MirrorError('E_SIZE', ''), 'text', undefined]) {
      expect(fromSystem(error, 'Cannot read')).toBe(error)
      expect(isSystemError(error)).toBe(false)
    }
    const invalid = Object.assign(new TypeError('no'), { code: 'ERR_INVALID_ARG_VALUE' })
    expect(isSystemError(invalid)).toBe(false)
    expect(fromSystem(invalid, 'Cannot read')).toBe(invalid)
  })

  test('is recognized among given codes', () => {
    const error = Object.assign(new Error(''), { code: 'ENOENT', syscall: 'open' })
    expect(isSystemError(error, 'ENOENT', 'ENOTDIR')).toBe(true)
    expect(isSystemError(error, 'ENOTDIR')).toBe(false)
  })
})
