/** The few forms of DER (X.690) that a SubjectPublicKeyInfo is made of, in which node:crypto takes public keys. */

function element(type: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([type, ...size]), content])
}

export function sequence(...parts: Buffer[]): Buffer {
  return element(0x30, ...parts)
}

/** An unsigned number by its octets. */
export function integer(octets: Buffer): Buffer {
  const first = octets.findIndex((octet) => octet !== 0)
  const digits = first < 0 ? Buffer.alloc(1) : octets.subarray(first)
  return (digits[0] as number) < 0x80 ? element(2, digits) : element(2, Buffer.alloc(1), digits)
}

/** An object identifier by its encoded arcs in hex. */
export function identifier(hex: string): Buffer {
  return element(6, Buffer.from(hex, 'hex'))
}

export function bits(content: Buffer): Buffer {
  return element(3, Buffer.alloc(1), content)
}

export const nothing = Buffer.from([5, 0])
