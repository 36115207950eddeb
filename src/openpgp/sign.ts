import type { PrivateKey } from 'openpgp'
import { MirrorError } from '../errors.ts'
import { readKeyring } from './keyring.ts'
import { verifyDetached } from './verify.ts'

/** Signs what we publish. `fingerprint` is the primary key's in lower-case hex, `publicKey` is armored. */
export type Signer = {
  readonly fingerprint: string
  readonly publicKey: string
  /** An armored detached signature, of SHA-256 or better. @throws E_KEY once the key has expired */
  sign(data: Buffer, now?: Date): Promise<string>
}

/**
 * Opens a file with a private key, armored or binary. What only has subkeys (`gpg --export-secret-subkeys`) signs with one
 * of them.
 * @throws E_KEY for a file without one or with several, a passphrase that is missing or wrong, and a key that may not sign,
 * has expired or was revoked
 */
export async function openSigner(bytes: Buffer, passphrase?: string, now = new Date()): Promise<Signer> {
  const key = await readPrivate(bytes)
  const publicKey = key.toPublic().armor()
  const ring = await readKeyring([{ name: 'the key to sign with', bytes: Buffer.from(publicKey) }], now)
  const open = await unlocked(await signingKey(key, now), key, passphrase)
  const fingerprint = key.getFingerprint()
  return {
    fingerprint,
    publicKey,
    async sign(data, date = new Date()) {
      await signingKey(key, date)
      const signature = await detachedSignature(data, open, date)
      // What nobody could verify is not published.
      verifyDetached(data, Buffer.from(signature), ring, { pins: [fingerprint], now: date })
      return signature
    },
  }
}

async function readPrivate(bytes: Buffer): Promise<PrivateKey> {
  const { readPrivateKeys } = await import('openpgp')
  const isBinary = ((bytes[0] ?? 0) & 0x80) !== 0
  const reading = isBinary
    ? readPrivateKeys({ binaryKeys: bytes })
    : readPrivateKeys({ armoredKeys: bytes.toString('latin1') })
  const keys = await reading.catch((cause) => {
    throw unusable('it holds no private OpenPGP key; write one with gpg --export-secret-keys --armor', cause)
  })
  if (keys.length !== 1) throw unusable(`it holds ${keys.length} private keys; one expected`)
  return keys[0] as PrivateKey
}

/** The primary key or subkey that signs at that time. */
async function signingKey(key: PrivateKey, now: Date) {
  const { config } = await import('openpgp')
  const expires = await key.getExpirationTime()
  if (await key.isRevoked(undefined, undefined, now)) throw unusable(`${key.getFingerprint()} was revoked`)
  if (expires instanceof Date && expires <= now)
    throw unusable(`${key.getFingerprint()} expired ${expires.toISOString()}; prolong it and export it again`)
  try {
    return await key.getSigningKey(undefined, now, undefined, { ...config, allowMissingKeyFlags: true })
  } catch (cause) {
    throw unusable(`${key.getFingerprint()} cannot sign: ${(cause as Error).message}`, cause)
  }
}

/** The key with the private part that signs in the clear; the others may stay locked or absent. */
async function unlocked(
  signing: Awaited<ReturnType<typeof signingKey>>,
  key: PrivateKey,
  passphrase: string | undefined,
): Promise<PrivateKey> {
  const { keyPacket } = signing
  if (!('isDummy' in keyPacket) || keyPacket.isDummy()) throw unusable('the private part that signs is not in it')
  if (keyPacket.isDecrypted()) return key
  if (passphrase === undefined) throw unusable('it is locked with a passphrase; none was given')
  try {
    await keyPacket.decrypt(passphrase)
  } catch (cause) {
    throw unusable('the passphrase does not unlock it', cause)
  }
  return key
}

async function detachedSignature(data: Buffer, key: PrivateKey, date: Date): Promise<string> {
  const { config, createMessage, enums, sign } = await import('openpgp')
  const message = await createMessage({ binary: data })
  const wanted = {
    ...config,
    preferredHashAlgorithm: enums.hash.sha256,
    allowMissingKeyFlags: true,
    nonDeterministicSignaturesViaNotation: false,
  }
  return await sign({ message, signingKeys: key, detached: true, format: 'armored', date, config: wanted })
}

function unusable(reason: string, cause?: unknown): MirrorError {
  return new MirrorError('E_KEY', `Cannot sign with this key: ${reason}`, { cause })
}
