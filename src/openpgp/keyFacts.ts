import type { Config, Key as JsKey, Subkey } from 'openpgp'
import { oneLine } from '../errors.ts'
import type { KeyPacket } from './keyPacket.ts'

/** A primary key or subkey with what the primary key's own signatures say of it. */
export type Key = KeyPacket & {
  /** Undefined: never. Never later than the primary key's. */
  expires: Date | undefined
  isRevoked: boolean
  /** Why no signature of it counts, whenever it was made: it was not bound by the primary key, or not to sign. */
  unfit: { reason: 'bad key binding' | 'not a signing key'; detail: string } | undefined
}

/**
 * What openpgp.js finds in a key's self-signatures, bindings and revocations. Times are judged by whoever asks, so that one
 * keyring serves at any time; where the key has expired, everything else of it is judged without regard to time.
 */
export async function judgeKeys(primary: JsKey, packets: readonly KeyPacket[], now: Date): Promise<Key[]> {
  const config = await lenient()
  const expires = dated(await primary.getExpirationTime(undefined, config))
  const isRevoked = await primary.isRevoked(undefined, undefined, timeless, config)
  const subkeys = new Map(primary.subkeys.map((subkey) => [subkey.getFingerprint(), subkey]))
  const judged: Key[] = []
  for (const packet of packets) {
    const subkey = subkeys.get(packet.fingerprint)
    const own = subkey === undefined ? undefined : dated(await subkey.getExpirationTime(timeless, config))
    const end = earlier(expires, own)
    const at = end !== undefined && end <= now ? timeless : now
    judged.push({
      ...packet,
      expires: end,
      isRevoked: isRevoked || (subkey !== undefined && (await isSubkeyRevoked(subkey, config))),
      unfit: await unfitness(primary, packet, at, config),
    })
  }
  return judged
}

/** openpgp.js takes null for "at no time in particular" where its types have a Date. */
const timeless = null as unknown as Date

/**
 * Keys of every age are trusted because an operator names them: what a key's own signatures are made with is the key
 * owner's affair as long as gpg takes it too (SHA-1, DSA, short RSA), but for MD5.
 */
async function lenient(): Promise<Config> {
  const { config, enums } = await import('openpgp')
  return {
    ...config,
    allowMissingKeyFlags: true,
    minRSABits: 1024,
    rejectPublicKeyAlgorithms: new Set(),
    rejectHashAlgorithms: new Set([enums.hash.md5, enums.hash.ripemd]),
  }
}

function dated(time: Date | typeof Infinity | null): Date | undefined {
  return time instanceof Date ? time : undefined
}

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
}

async function isSubkeyRevoked(subkey: Subkey, config: Config): Promise<boolean> {
  try {
    await subkey.verify(timeless, config)
    return false
  } catch (error) {
    return (error as Error).message === 'Subkey is revoked'
  }
}

/** openpgp.js gives the key that may sign, or says why not; without a reason it is that it was not made for it. */
async function unfitness(primary: JsKey, packet: KeyPacket, at: Date, config: Config): Promise<Key['unfit']> {
  const asked = primary.getKeys().find((key) => key.getFingerprint() === packet.fingerprint)
  if (asked === undefined) return { reason: 'bad key binding', detail: 'nothing binds it to the primary key' }
  try {
    const signing = await primary.getSigningKey(asked.getKeyID(), at, undefined, config)
    if (signing.getFingerprint() === packet.fingerprint) return undefined
    return { reason: 'bad key binding', detail: 'another key has its key id' }
  } catch (error) {
    const message = oneLine((error as Error).message)
    const detail = /^Could not find valid signing key packet in key \w+(?:: (.*))?$/.exec(message)
    if (detail !== null && detail[1] === undefined) return { reason: 'not a signing key', detail: packet.kind }
    return { reason: 'bad key binding', detail: detail?.[1] ?? message }
  }
}
