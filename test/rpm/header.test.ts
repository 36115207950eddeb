import { describe, expect, test } from 'vitest'
import { Header, headerBytes } from '../../src/rpm/header.ts'
import { encodeHeader } from '../helpers/rpmfile/header.ts'
import { bin, type Entry, numbers, texts } from '../helpers/rpmfile.ts'

const read = (...entries: Entry[]) => new Header(encodeHeader('main', entries), 'main')

describe('a header gives', () => {
  const header = read(
    texts(1000, 'string', ['name']),
    numbers(1003, 'int32', [4_294_967_295]),
    texts(1004, 'i18nString', ['first', 'zweiter']),
    numbers(1030, 'int16', [0o100644, 0o040755]),
    texts(1117, 'stringArray', ['a', '', 'c']),
    bin(1146, Buffer.from([0, 255])),
    numbers(5009, 'int64', [2 ** 40]),
  )

  test('texts, of translated ones the first', () => {
    expect([header.string(1000), header.string(1004)]).toEqual(['name', 'first'])
    expect(header.strings(1117)).toEqual(['a', '', 'c'])
  })

  test('one text only where there is one', () => {
    expect(header.string(1117)).toBeUndefined()
  })

  test('numbers of every width, without a sign', () => {
    expect([1003, 1030, 5009].map((tag) => header.numbers(tag))).toEqual([
      [4_294_967_295],
      [0o100644, 0o040755],
      [2 ** 40],
    ])
    expect([header.number(1003), header.number(1030)]).toEqual([4_294_967_295, undefined])
  })

  test('bytes', () => {
    expect(header.bin(1146)).toEqual(Buffer.from([0, 255]))
  })

  test('nothing of another type, and nothing that it does not have', () => {
    expect([header.string(1003), header.numbers(1000), header.bin(1000), header.strings(9999)]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('a header is refused', () => {
  const intro = (entries: number, bytes: number) => {
    const buffer = Buffer.from('8eade801000000000000000000000000', 'hex')
    buffer.writeUInt32BE(entries, 8)
    buffer.writeUInt32BE(bytes, 12)
    return buffer
  }

  test.each([
    ['no entries', intro(0, 16), /0 entries; 1 to 65535 expected/],
    ['more entries than rpm takes', intro(65_536, 16), /65536 entries; 1 to 65535 expected/],
    ['more bytes than rpm takes', intro(1, 0x1000_0000), /268435456 bytes of data; at most 268435455 expected/],
    ['another magic number', Buffer.alloc(16), /its magic number is wrong/],
    ['an end within its numbers', intro(1, 16).subarray(0, 12), /it is cut off/],
  ])('for %s, before anything is taken by it', (_what, bytes, line) => {
    expect(() => headerBytes(bytes, 'main')).toThrow(line)
  })

  test('signature headers are smaller', () => {
    expect(() => headerBytes(intro(33, 16), 'signature')).toThrow(/signature header: 33 entries; 1 to 32 expected/)
  })

  test('for a known tag of another type', () => {
    expect(() => read(numbers(1000, 'int32', [1]))).toThrow(/tag 1000 .*: the tag has another type/)
  })
})
