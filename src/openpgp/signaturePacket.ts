import { hashName, publicKeyName } from './algorithms.ts'
import { Fields, Malformed } from './packet.ts'

/** A signature as its packet says it; nothing of it is verified. Hex is lower case. */
export type SignaturePacket = {
  version: 3 | 4 | 6
  /** 0: of bytes, 1: of text; others are not of documents. */
  type: number
  algorithm: number
  hash: number
  /** Undefined where it does not say, which only a broken one does. */
  created: Date | undefined
  expires: Date | undefined
  /** The signer's key, by fingerprint where it is stated, otherwise by key id; undefined: by neither. */
  fingerprint: string | undefined
  keyId: string | undefined
  /** A part that must be understood and is not; a signature with one counts for nothing. */
  critical: string | undefined
  salt: Buffer
  /** What is hashed behind the data. */
  trailer: Buffer
  /** The first two octets of the digest. */
  start: Buffer
  /** The algorithm's own fields. */
  numbers: Buffer
}

/** Reads a signature packet's body, versions 3, 4 and 6 (RFC 9580, 5.2). @throws Malformed */
export function readSignaturePacket(body: Buffer): SignaturePacket {
  const fields = new Fields(body)
  const version = fields.number(1)
  if (version === 3) return readVersion3(fields)
  if (version === 4 || version === 6) return readLater(body, fields, version)
  throw new Malformed(`version ${version} of signatures is not supported`)
}

/** `RSA/SHA256`, as rpm and gpg name it. */
export function describeAlgorithm({ algorithm, hash }: SignaturePacket): string {
  return `${publicKeyName(algorithm)}/${hashName(hash)}`
}

function readVersion3(fields: Fields): SignaturePacket {
  if (fields.number(1) !== 5) throw new Malformed('a version 3 signature that hashes other than five octets')
  const trailer = fields.take(5)
  const keyId = fields.take(8).toString('hex')
  const [algorithm, hash] = [fields.number(1), fields.number(1)]
  return {
    version: 3,
    type: trailer.readUInt8(0),
    created: new Date(trailer.readUInt32BE(1) * 1000),
    expires: undefined,
    fingerprint: undefined,
    keyId,
    critical: undefined,
    algorithm,
    hash,
    salt: Buffer.alloc(0),
    trailer,
    ...readRest(fields),
  }
}

function readLater(body: Buffer, fields: Fields, version: 4 | 6): SignaturePacket {
  const [type, algorithm, hash] = [fields.number(1), fields.number(1), fields.number(1)]
  const octets = version === 4 ? 2 : 4
  const hashed = readSubpackets(fields.take(fields.number(octets)), true)
  const end = fields.at
  const unhashed = readSubpackets(fields.take(fields.number(octets)), false)
  const start = fields.take(2)
  const salt = version === 6 ? fields.take(fields.number(1)) : Buffer.alloc(0)
  const counted = Buffer.from([version, 0xff, 0, 0, 0, 0])
  counted.writeUInt32BE(end, 2)
  const { created, lasts } = hashed
  return {
    version,
    type,
    algorithm,
    hash,
    created,
    expires: created === undefined || !lasts ? undefined : new Date(created.getTime() + lasts * 1000),
    fingerprint: hashed.fingerprint ?? unhashed.fingerprint,
    keyId: hashed.keyId ?? unhashed.keyId,
    critical: hashed.critical ?? unhashed.critical,
    salt,
    trailer: Buffer.concat([body.subarray(0, end), counted]),
    start,
    numbers: fields.take(fields.left),
  }
}

function readRest(fields: Fields): Pick<SignaturePacket, 'start' | 'numbers'> {
  return { start: fields.take(2), numbers: fields.take(fields.left) }
}

/** `lasts`: seconds from creation to expiry, 0 or undefined for ever. */
type Subpackets = {
  created?: Date
  lasts?: number
  fingerprint?: string
  keyId?: string
  critical?: string
}

/** These may be critical: times, who signed. What else may stand in the signature of a document changes what it means. */
const understood = new Set([2, 3, 16, 28, 33])
const maxSubpackets = 1000

/** What is not hashed may say who signed, which the signature itself proves, and no more; it cannot make anything good. */
function readSubpackets(bytes: Buffer, hashed: boolean): Subpackets {
  const found: Subpackets = {}
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    if (++count > maxSubpackets) throw new Malformed(`more than ${maxSubpackets} subpackets`)
    const { type, content, end } = subpacketAt(bytes, at)
    at = end
    readSubpacket(type, new Fields(content), hashed, found)
  }
  return found
}

/** The length is written as a packet's, but has no parts: 224 to 254 begin a length of two octets (RFC 9580, 5.2.3.7). */
function subpacketAt(bytes: Buffer, at: number): { type: number; content: Buffer; end: number } {
  const fields = new Fields(bytes.subarray(at))
  const first = fields.number(1)
  let length = first
  if (first === 255) length = fields.number(4)
  else if (first >= 192) length = ((first - 192) << 8) + fields.number(1) + 192
  if (length === 0) throw new Malformed('an empty subpacket')
  const type = fields.number(1)
  const content = fields.take(length - 1)
  return { type, content, end: at + fields.at }
}

function readSubpacket(flagged: number, fields: Fields, hashed: boolean, found: Subpackets): void {
  const type = flagged & 0x7f
  if (type === 16) found.keyId ??= fields.take(8).toString('hex')
  if (type === 33) readIssuer(fields, found)
  const isCritical = (flagged & 0x80) !== 0
  if (isCritical && type === 20) found.critical ??= 'a notation'
  if (isCritical && type !== 20 && !understood.has(type)) found.critical ??= `subpacket ${type}`
  if (!hashed) return
  if (type === 2) found.created ??= new Date(fields.number(4) * 1000)
  if (type === 3) found.lasts ??= fields.number(4)
}

function readIssuer(fields: Fields, found: Subpackets): void {
  const version = fields.number(1)
  if (version === 4) found.fingerprint ??= fields.take(20).toString('hex')
  if (version === 6) found.fingerprint ??= fields.take(32).toString('hex')
}
