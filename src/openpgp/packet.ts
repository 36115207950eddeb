/** What a caller turns into an error of its own: bytes that are no OpenPGP packets, or not of the form that was expected. */
export class Malformed extends Error {}

/** Packet types that are met here (RFC 9580, 5). */
export const packetTag = {
  signature: 2,
  onePass: 4,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressed: 8,
  encrypted: 9,
  marker: 10,
  literal: 11,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  sealed: 18,
  padding: 21,
} as const

/** `bytes` is the packet with its header. A packet whose length is not stated has no body: only data comes like that. */
export type Packet = { tag: number; body: Buffer | undefined; bytes: Buffer }

/**
 * Cuts bytes into packets (RFC 9580, 4.2), in the old and the new form. It ends behind a packet whose length is not stated.
 * @throws Malformed for what is no packet, ends early, or comes more than `most` times
 */
export function* readPackets(bytes: Buffer, most: number): Generator<Packet> {
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    if (++count > most) throw new Malformed(`more than ${most} packets`)
    const head = readHead(bytes, at)
    const { tag, start, length } = head
    if (length === undefined) return yield { tag, body: undefined, bytes: bytes.subarray(at) }
    if (start + length > bytes.length) throw new Malformed('a packet is cut off')
    yield { tag, body: bytes.subarray(start, start + length), bytes: bytes.subarray(at, start + length) }
    at = start + length
  }
}

type Head = { tag: number; start: number; length: number | undefined }

function readHead(bytes: Buffer, at: number): Head {
  const first = bytes[at] as number
  if ((first & 0x80) === 0) throw new Malformed('it is no OpenPGP packet')
  try {
    return (first & 0x40) === 0 ? oldHead(bytes, at, first) : newHead(bytes, at, first & 0x3f)
  } catch (cause) {
    throw new Malformed('a packet is cut off', { cause })
  }
}

function oldHead(bytes: Buffer, at: number, first: number): Head {
  const tag = (first >> 2) & 0x0f
  const size = 1 << (first & 3)
  if (size === 8) return { tag, start: at + 1, length: undefined }
  return { tag, start: at + 1 + size, length: bytes.readUIntBE(at + 1, size) }
}

function newHead(bytes: Buffer, at: number, tag: number): Head {
  const { length, size } = readLength(bytes, at + 1)
  return { tag, start: at + 1 + size, length }
}

/** A length of one, two or five octets and how many it took; undefined for the length of a part (RFC 9580, 4.2.1). */
function readLength(bytes: Buffer, at: number): { length: number | undefined; size: number } {
  const first = bytes.readUInt8(at)
  if (first < 192) return { length: first, size: 1 }
  if (first < 224) return { length: ((first - 192) << 8) + bytes.readUInt8(at + 1) + 192, size: 2 }
  return first < 255 ? { length: undefined, size: 1 } : { length: bytes.readUInt32BE(at + 1), size: 5 }
}

/** Reads the fields of a packet's body one after the other. @throws Malformed behind its end */
export class Fields {
  readonly #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.at
  }

  take(length: number): Buffer {
    if (length > this.left) throw new Malformed('a packet ends early')
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  /** An unsigned number of 1 to 6 octets. */
  number(octets: number): number {
    return this.take(octets).readUIntBE(0, octets)
  }

  /** A multiprecision integer's octets; its length is stated in bits. */
  mpi(): Buffer {
    return this.take(Math.ceil(this.number(2) / 8))
  }
}
