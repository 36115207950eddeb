import { hash } from 'node:crypto'
import { MirrorError, oneLine } from '../errors.ts'
import { readArmor } from './armor.ts'
import { judgeKeys, type Key } from './keyFacts.ts'
import { readKeyPacket } from './keyPacket.ts'
import { Malformed, type Packet, packetTag, readPackets } from './packet.ts'
import { readSignaturePacket } from './signaturePacket.ts'

/** A primary key. `userIds` are shown to people: control characters of them are blanks. */
export type PrimaryKey = Key & { file: string; userIds: string[]; subkeys: Key[] }

/**
 * The keys that signatures are checked with. `id` is the same for the same keys in the same condition, whatever files they
 * came in; it changes when one of them is added, revoked or prolonged.
 */
export type Keyring = { readonly keys: readonly PrimaryKey[]; readonly id: string }

/** What a file of keys may hold at most. */
const limits = { bytes: 16 * 1024 * 1024, packets: 20_000, keys: 1000 }

/**
 * Reads files of public keys, armored (any number of blocks) or binary. A key in several files is the first one's.
 * Keys of versions and algorithms that are not known here are passed over, as long as the file holds another.
 * @param now when the keys' own signatures are to be valid
 * @throws E_KEY naming the file that holds no key, a private one, or something else
 */
export async function readKeyring(
  files: readonly { name: string; bytes: Buffer }[],
  now = new Date(),
): Promise<Keyring> {
  const keys = new Map<string, PrimaryKey>()
  for (const { name, bytes } of files) {
    const found = await readFile(name, bytes, now)
    for (const key of found) if (!keys.has(key.fingerprint)) keys.set(key.fingerprint, key)
  }
  return { keys: [...keys.values()], id: identify([...keys.values()]) }
}

async function readFile(name: string, bytes: Buffer, now: Date): Promise<PrimaryKey[]> {
  try {
    if (bytes.length > limits.bytes) throw new Malformed(`larger than ${limits.bytes} bytes`)
    const keys: PrimaryKey[] = []
    for (const packets of transferableKeys(keyBytes(bytes))) {
      const key = await readPrimaryKey(name, packets, now)
      if (key !== undefined) keys.push(key)
    }
    if (keys.length === 0) throw new Malformed('it holds no public key of version 4 or 6')
    return keys
  } catch (cause) {
    if (!(cause instanceof Malformed)) throw cause
    const advice = 'give a file of public keys, as gpg --export --armor writes it'
    throw new MirrorError('E_KEY', `Cannot use the keys of ${name}: ${cause.message}; ${advice}`, { cause })
  }
}

/** The packets of a file, with or without armor. */
export function keyBytes(bytes: Buffer): Buffer {
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes
  const blocks = readArmor(bytes.toString('latin1'))
  if (blocks.some(({ kind }) => kind === 'PRIVATE KEY BLOCK')) throw new Malformed('it holds a private key')
  return Buffer.concat(blocks.filter(({ kind }) => kind === 'PUBLIC KEY BLOCK').map((block) => block.bytes))
}

/** The packets of one key after the other, each beginning with its primary key's. */
export function transferableKeys(bytes: Buffer): Packet[][] {
  const keys: Packet[][] = []
  for (const packet of readPackets(bytes, limits.packets)) {
    const { tag } = packet
    bodyOf(packet)
    if (tag === packetTag.secretKey || tag === packetTag.secretSubkey) throw new Malformed('it holds a private key')
    if (tag === packetTag.publicKey) keys.push([packet])
    else if (keys.length > 0) keys.at(-1)!.push(packet)
    else if (tag !== packetTag.marker && tag !== packetTag.trust) throw new Malformed('it begins with something else')
  }
  if (keys.length > limits.keys) throw new Malformed(`more than ${limits.keys} keys`)
  return keys
}

async function readPrimaryKey(file: string, packets: Packet[], now: Date): Promise<PrimaryKey | undefined> {
  const first = readKeyPacket(bodyOf(packets[0]!))
  if (first === undefined) return undefined
  const subpackets = packets
    .filter(({ tag }) => tag === packetTag.publicSubkey)
    .map((packet) => readKeyPacket(bodyOf(packet)))
  const all = [first, ...subpackets.filter((packet) => packet !== undefined)]
  const parsed = await parse(packets)
  if (parsed === undefined) return undefined
  const [primary, ...subkeys] = (await judgeKeys(parsed, all, now)) as [Key, ...Key[]]
  const userIds = packets.filter(({ tag }) => tag === packetTag.userId).map((packet) => shown(bodyOf(packet)))
  return { ...primary, file, userIds, subkeys }
}

/** undefined for a key of an algorithm that openpgp.js does not know. */
async function parse(packets: Packet[]) {
  const { readKey } = await import('openpgp')
  const binaryKey = Buffer.concat(packets.filter(isOfKeys).map(({ bytes }) => bytes))
  try {
    return await readKey({ binaryKey })
  } catch (cause) {
    if (/unsupported|unknown|not supported|no key packet/i.test((cause as Error).message)) return undefined
    throw new Malformed(oneLine((cause as Error).message), { cause })
  }
}

/** gpg keeps trust packets in its own files. A signature that is malformed by our rules, openpgp.js might let pass. */
function isOfKeys(packet: Packet): boolean {
  const { tag } = packet
  if (tag === packetTag.signature) return isWellFormed(bodyOf(packet))
  return tag !== packetTag.trust && tag !== packetTag.marker && tag !== packetTag.padding
}

function isWellFormed(signature: Buffer): boolean {
  try {
    readSignaturePacket(signature)
    return true
  } catch (error) {
    if (error instanceof Malformed) return false
    throw error
  }
}

function bodyOf({ body }: Packet): Buffer {
  if (body === undefined) throw new Malformed('a packet does not state its length')
  return body
}

function shown(userId: Buffer): string {
  return oneLine(userId.toString('utf8')).slice(0, 200)
}

function identify(keys: readonly PrimaryKey[]): string {
  const facts = keys.map((key) => JSON.stringify([key, ...key.subkeys].map(factsOf)))
  return hash('sha256', facts.sort().join('\n'), 'hex')
}

function factsOf({ fingerprint, expires, isRevoked, unfit }: Key) {
  return [fingerprint, expires?.getTime() ?? null, isRevoked, unfit?.reason ?? null]
}
