import { expect, test } from 'vitest'
import { kindOf, plainName, uniqueName } from '../../src/publish/metadataName.ts'

const checksum = { algorithm: 'sha256', hex: 'a'.repeat(64) } as const
const unique = `${'a'.repeat(64)}-primary.xml.gz`

test.each([32, 40, 56, 64, 96, 128])('a checksum of %i digits is no part of the name', (digits) => {
  const name = `${'0'.repeat(digits)}-primary.xml.gz`
  expect(plainName(name)).toBe('primary.xml.gz')
  expect(uniqueName(checksum, name)).toBe(unique)
})

test.each(['primary.xml.gz', unique])('%s gets the checksum once', (name) => {
  expect(uniqueName(checksum, name)).toBe(unique)
})

test.each(['abc-primary.xml', `${'0'.repeat(63)}-x`, `${'g'.repeat(64)}-x`, `${'0'.repeat(64)}_x`, 'x'.repeat(64)])(
  '%s begins with no checksum',
  (name) => {
    expect(plainName(name)).toBe(name)
  },
)

test.each([
  [unique, 'primary.xml'],
  ['primary.xml.zst', 'primary.xml'],
  ['other.sqlite.bz2', 'other.sqlite'],
  ['modules.yaml', 'modules.yaml'],
  ['comps-x86_64.xml.xz', 'comps-x86_64.xml'],
  ['filelists.xml.zck', 'filelists.xml'],
])('%s is a copy of %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind)
})
