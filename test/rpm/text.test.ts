import { describe, expect, test } from 'vitest'
import { decodeText, isPlain } from '../../src/rpm/text.ts'

/** Bytes as the characters that `decodeText` is given. */
const bytes = (...parts: (string | number[])[]) =>
  parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)).toString('latin1')).join('')

describe('the bytes of a text', () => {
  test.each([
    ['ASCII', bytes('a\tb\nc\r'), 'a\tb\nc\r'],
    ['UTF-8', bytes('naïve 猫 🐈'), 'naïve 猫 🐈'],
    ['Latin-1, whose letters alone are kept', bytes('b', [0xe9], 't', [0xa9, 0x92]), 'bét'],
    ['UTF-8 that is cut off', bytes('a', [0xe7, 0x8c]), 'aç'],
    ['an overlong form, which is no UTF-8', bytes([0xc0, 0xaf]), 'À'],
  ])('%s', (_what, given, decoded) => {
    expect(decodeText(given)).toEqual({ decoded, hadControlCharacters: false })
  })

  test.each([
    ['an escape', bytes('a', [0x1b], '[1m'), 'a\ufffd[1m'],
    ['U+FFFE', bytes([0xef, 0xbf, 0xbe]), '\ufffd'],
    ['a control character beside Latin-1', bytes([0xe9, 0x07]), 'é\ufffd'],
  ])('%s cannot stand in XML', (_what, given, decoded) => {
    expect(decodeText(given)).toEqual({ decoded, hadControlCharacters: true })
  })

  test('are plain where nothing of that is in them, NULs between texts or not', () => {
    expect([bytes('a b'), bytes('a\0b'), bytes('é'), bytes([7])].map(isPlain)).toEqual([true, true, false, false])
  })
})
