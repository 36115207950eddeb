import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodePath, parseTarget } from '../../src/serve/path.ts'

const parse = (target: string): ReturnType<typeof parseTarget> => parseTarget(target, 8192)

test.each([
  ['/', [], true],
  ['/repo/Packages', ['repo', 'Packages'], false],
  ['/repo/Packages/', ['repo', 'Packages'], true],
  ['/repo/.treeinfo', ['repo', '.treeinfo'], false],
  ['/g++-12%5Erc1~2.rpm', ['g++-12^rc1~2.rpm'], false],
  ['/a%20b?x=1', ['a b'], false],
  ['/%C3%A9', ['é'], false],
])('%s leads to %j', (target, segments, folder) => {
  expect(parse(target)).toMatchObject({ segments, folder, untidy: false })
})

test.each([
  ['*', 400],
  ['', 400],
  ['repo', 400],
  ['http://elsewhere/repo', 400],
  ['/a#b', 400],
  ['/%zz', 400],
  ['/%', 400],
  ['/%2', 400],
  ['/%ff', 400],
  ['/%c0%ae%c0%ae/etc/passwd', 400],
  ['/a%00b', 400],
  ['/a%0ab', 400],
  ['/a%7fb', 400],
  ['/a%c2%85b', 400],
  ['/a\\b', 400],
  ['/a%5cb', 400],
  ['/..%2fetc/passwd', 400],
  ['/%2e%2e%2fetc', 400],
  ['/../etc/passwd', 404],
  ['/repo/../../etc/passwd', 404],
  ['/%2e%2e/etc/passwd', 404],
  ['/.%2E/etc/passwd', 404],
  ['/./repo', 404],
  ['/.mirror', 404],
  ['/repo/.hidden/file', 404],
  ['/%2emirror', 404],
  ['/.treeinfo.swp', 404],
  ['//elsewhere/x', 404],
  [`/${'a'.repeat(8192)}`, 414],
])('%s is refused with %i', (target, status) => {
  expect(parse(target)).toBe(status)
})

test('what was escaped twice is decoded once', () => {
  expect(parse('/%252e%252e/%2500')).toMatchObject({ segments: ['%2e%2e', '%00'] })
})

test('a doubled slash is no other name for a file', () => {
  expect(parse('/repo//.treeinfo?a?b')).toMatchObject({ segments: ['repo', '.treeinfo'], untidy: true, query: '?a?b' })
})

const hostile = fc.string({
  unit: fc.constantFrom('/', '.', '%', '2', 'e', 'f', '5', 'c', '0', '\\', '\0', '?', '#', 'é', '\u00ff', 'a', '\n'),
})

test('no target leads out of the root or throws', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const target = parse(`/${text}`)
      if (typeof target === 'number') return
      for (const segment of target.segments) expect(segment).toMatch(/^(?!\.(?!(?:tree|disc)info$))[^/\\\0\n]+$/)
    }),
    { numRuns: 5000 },
  )
})

test('an encoded path is parsed to the segments that it was made of', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.|[\p{Cc}/\\\ufffd]/u.test(text))
  fc.assert(
    fc.property(fc.array(segment), fc.boolean(), (segments, folder) => {
      const path = encodePath(segments, folder)
      expect(parseTarget(path === '' ? '/' : path, 1e6)).toMatchObject({ segments, untidy: false })
    }),
  )
})
