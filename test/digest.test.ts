import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { algorithms, type Digest, difference, Hasher, isWeak, parseDigest } from '../src/digest.ts'

const abc = {
  md5: '900150983cd24fb0d6963f7d28e17f72',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  sha224: '23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7',
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
}

describe('a stated digest', () => {
  test.each(algorithms)('of the type %s is read', (algorithm) => {
    expect(parseDigest(algorithm, abc[algorithm])).toEqual({ algorithm, hex: abc[algorithm] })
  })

  test.each([
    ['sha', abc.sha1, { algorithm: 'sha1', hex: abc.sha1 }],
    ['SHA256', abc.sha256.toUpperCase(), { algorithm: 'sha256', hex: abc.sha256 }],
    ['sha256', `\n  ${abc.sha256}\n`, { algorithm: 'sha256', hex: abc.sha256 }],
  ])('of the type %s is read as what it means: %j', (type, text, digest) => {
    expect(parseDigest(type, text)).toEqual(digest)
  })

  test.each([
    ['an unknown type', 'crc32', 'cbf43926', 'unknown checksum type "crc32"'],
    ['no type', '', abc.sha256, 'unknown checksum type ""'],
    ['the name of a property of every object', 'constructor', abc.sha256, 'unknown checksum type "constructor"'],
    ['no text', 'sha256', '', 'malformed sha256 checksum ""'],
    ['the length of another type', 'sha256', abc.sha1, `malformed sha256 checksum "${abc.sha1}"`],
    ['one digit too few', 'md5', abc.md5.slice(1), `malformed md5 checksum "${abc.md5.slice(1)}"`],
    ['one digit too many', 'md5', `${abc.md5}0`, `malformed md5 checksum "${abc.md5}0"`],
    ['what is no hex digit', 'sha1', `g${abc.sha1.slice(1)}`, `malformed sha1 checksum "g${abc.sha1.slice(1)}"`],
    ['megabytes', 'md5', 'a'.repeat(1e6), `malformed md5 checksum "${'a'.repeat(140)}"`],
  ])('with %s is refused', (_, type, text, message) => {
    expect(() => parseDigest(type, text)).toThrow(expect.objectContaining({ code: 'E_HASH', message }))
  })
})

test('MD5 and SHA-1 are weak, SHA-2 is not', () => {
  expect(algorithms.filter((algorithm) => isWeak({ algorithm, hex: '' }))).toEqual(['md5', 'sha1'])
})

describe('a hasher', () => {
  test.each(algorithms)('gives %s and sha256 of what it was fed, and counts it', (algorithm) => {
    const hasher = new Hasher(algorithm)
    for (const part of ['a', '', 'bc']) hasher.update(Buffer.from(part))
    expect(hasher.bytes).toBe(3)
    expect(hasher.finish()).toEqual({ stated: { algorithm, hex: abc[algorithm] }, sha256: abc.sha256 })
  })

  test('that was fed nothing gives the digest of nothing', () => {
    const hex = createHash('sha256').digest('hex')
    expect(new Hasher().finish()).toEqual({ stated: { algorithm: 'sha256', hex }, sha256: hex })
  })
})

test('a difference shows what is expected and what was found, cut to what a person compares', () => {
  const digest = (hex: string): Digest => ({ algorithm: 'sha256', hex })
  expect(difference(digest('ab'.repeat(32)), digest('cd'.repeat(32)))).toBe(
    'sha256 expected abababababababab..., found cdcdcdcdcdcdcdcd...',
  )
})
