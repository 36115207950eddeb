import { writeArmor } from './armor.ts'
import { readKeyPacket } from './keyPacket.ts'
import { keyBytes, transferableKeys } from './keyring.ts'
import { type Packet, packetTag } from './packet.ts'

/**
 * A file of public keys with those alone that are pinned, by the fingerprint of the primary key or of a subkey: as it is where
 * it holds no others, armored anew where it does, undefined where none is.
 * @param bytes what `readKeyring` takes
 */
export function pinnedKeys(bytes: Buffer, pins: readonly string[]): Buffer | undefined {
  const keys = transferableKeys(keyBytes(bytes))
  const pinned = keys.filter((key) => key.some((packet) => isPinned(packet, pins)))
  if (pinned.length === keys.length) return bytes
  if (pinned.length === 0) return undefined
  const packets = Buffer.concat(pinned.flat().map((packet) => packet.bytes))
  return Buffer.from(writeArmor({ kind: 'PUBLIC KEY BLOCK', bytes: packets }))
}

function isPinned({ tag, body }: Packet, pins: readonly string[]): boolean {
  if ((tag !== packetTag.publicKey && tag !== packetTag.publicSubkey) || body === undefined) return false
  return pins.includes(readKeyPacket(body)?.fingerprint ?? '')
}
