import { hash } from 'node:crypto'
import { publicKeyName } from './algorithms.ts'
import { type Material, readMaterial } from './material.ts'
import { Fields, Malformed } from './packet.ts'

/** A primary key or subkey by its packet alone; what its signatures say of it is not in it. Hex is lower case. */
export type KeyPacket = {
  version: 4 | 6
  fingerprint: string
  keyId: string
  algorithm: number
  /** The algorithm's name and the key's size or curve. */
  kind: string
  created: Date
  /** Undefined where its signatures cannot be checked here. */
  material: Material | undefined
}

/**
 * Reads the body of a public key packet of version 4 or 6 (RFC 9580, 5.5.2 and 5.5.4).
 * @returns undefined for another version
 * @throws Malformed
 */
export function readKeyPacket(body: Buffer): KeyPacket | undefined {
  const fields = new Fields(body)
  const version = fields.number(1)
  if (version !== 4 && version !== 6) return undefined
  const created = new Date(fields.number(4) * 1000)
  const algorithm = fields.number(1)
  if (version === 6) fields.take(4)
  const material = materialOf(algorithm, fields)
  const fingerprint = version === 4 ? fingerprint4(body) : fingerprint6(body)
  const keyId = version === 4 ? fingerprint.slice(-16) : fingerprint.slice(0, 16)
  const strength = material === undefined ? '' : ` ${material.strength}`
  return { version, fingerprint, keyId, algorithm, kind: `${publicKeyName(algorithm)}${strength}`, created, material }
}

function materialOf(algorithm: number, fields: Fields): Material | undefined {
  try {
    const material = readMaterial(algorithm, fields)
    if (material !== undefined && fields.left > 0) throw new Malformed('more stands behind the key')
    return material
  } catch (cause) {
    if (cause instanceof Malformed) throw cause
    throw new Malformed('its numbers are no key', { cause })
  }
}

/** What signatures of a key hash of it too: a prefix octet and its length. */
function fingerprint4(body: Buffer): string {
  const prefix = Buffer.from([0x99, 0, 0])
  prefix.writeUInt16BE(body.length & 0xffff, 1)
  return hash('sha1', Buffer.concat([prefix, body]), 'hex')
}

function fingerprint6(body: Buffer): string {
  const prefix = Buffer.from([0x9b, 0, 0, 0, 0])
  prefix.writeUInt32BE(body.length, 1)
  return hash('sha256', Buffer.concat([prefix, body]), 'hex')
}
