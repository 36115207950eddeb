/** Text as it is to stand in the file: a string as UTF-8, a Buffer as it is. */
export type Text = string | Buffer

/** The types of a header's entries, with rpm's own numbers (rpm, include/rpm/rpmtypes.h). */
export const types = {
  null: 0,
  char: 1,
  int8: 2,
  int16: 3,
  int32: 4,
  int64: 5,
  string: 6,
  bin: 7,
  stringArray: 8,
  i18nString: 9,
} as const

export type TypeName = keyof typeof types

/** One tag of a header with the bytes of its items. */
export interface Entry {
  tag: number
  type: number
  count: number
  bytes: Buffer
}

/** Numbers of a type of 1, 2, 4 or 8 bytes. */
export function numbers(tag: number, type: 'char' | 'int8' | 'int16' | 'int32' | 'int64', values: number[]): Entry {
  const size = sizes[type]
  const bytes = Buffer.alloc(size * values.length)
  for (const [i, value] of values.entries()) {
    if (size === 8) bytes.writeBigUInt64BE(BigInt(value), i * size)
    else bytes.writeUIntBE(value, i * size, size)
  }
  return { tag, type: types[type], count: values.length, bytes }
}

/** Texts of one of the three types of texts; STRING takes exactly one. */
export function texts(tag: number, type: 'string' | 'stringArray' | 'i18nString', values: Text[]): Entry {
  const bytes = Buffer.concat(values.map((value) => Buffer.concat([Buffer.from(value as string), Buffer.alloc(1)])))
  return { tag, type: types[type], count: values.length, bytes }
}

/** A tag of type BIN. */
export function bin(tag: number, bytes: Buffer): Entry {
  return { tag, type: types.bin, count: bytes.length, bytes }
}

const sizes = { char: 1, int8: 1, int16: 2, int32: 4, int64: 8 } as const

/** What the place of an entry's items is a multiple of. */
export function alignment(type: number): number {
  return { [types.int16]: 2, [types.int32]: 4, [types.int64]: 8 }[type] ?? 1
}
