import { hashAlgorithms, isChecked, publicKeyName } from './algorithms.ts'
import { SignatureCheck } from './check.ts'
import type { Key } from './keyFacts.ts'
import type { Keyring, PrimaryKey } from './keyring.ts'
import { describeAlgorithm, type SignaturePacket } from './signaturePacket.ts'

/** Why a signature does not count. */
export type Reason =
  | 'no signature'
  | 'inline signature'
  | 'malformed signature'
  | 'not supported'
  | 'weak hash'
  | 'unknown key'
  | 'signature of other bytes'
  | 'not a pinned key'
  | 'revoked key'
  | 'expired key'
  | 'bad key binding'
  | 'not a signing key'
  | 'expired signature'
  | 'created in the future'

/** A signature that does not count. `keyId` is what it names as its key, in hex; undefined where it names none. */
export type Rejection = { reason: Reason; keyId: string | undefined; detail: string }

/** A signature that counts: fingerprints of the primary key and of the key that made it, when, with what. */
export type Good = {
  fingerprint: string
  signingKey: string
  userId: string | undefined
  created: Date
  algorithm: string
}

/** What is asked of signatures. */
export type Terms = {
  /** Fingerprints of the only keys that count, in lower-case hex; undefined: all of the keyring. */
  pins?: readonly string[] | undefined
  now: Date
  policy?: Policy | undefined
}

export type Policy = {
  /** Whether SHA-1 and SHA-224 count. MD5 never does. */
  weakHashes?: boolean
  /** When a key must not have expired: now (the default), or when it signed, as rpm has it. */
  expiry?: 'now' | 'signing'
}

/** Clocks of signers may be so much ahead of ours. */
const skewMs = 30 * 60 * 1000

/**
 * One signature while what it is of goes by. What can be said before that, is: then `update` is without effect.
 */
export class Judgement {
  readonly #signature: SignaturePacket
  readonly #terms: Terms
  readonly #checks: { primary: PrimaryKey; key: Key; check: SignatureCheck }[] = []
  readonly #rejection: Rejection | undefined

  constructor(signature: SignaturePacket, keyring: Keyring, terms: Terms) {
    this.#signature = signature
    this.#terms = terms
    this.#rejection = this.#form() ?? this.#find(keyring)
  }

  /** Whether the bytes matter. */
  get isOpen(): boolean {
    return this.#rejection === undefined
  }

  update(bytes: Buffer): void {
    for (const { check } of this.#checks) check.update(bytes)
  }

  /** Ends the bytes. */
  finish(): Good | Rejection {
    if (this.#rejection !== undefined) return this.#rejection
    const signer = this.#checks.find(({ check }) => check.isGood())
    if (signer === undefined) return this.#reject('signature of other bytes', describeAlgorithm(this.#signature))
    const { primary, key } = signer
    return (
      this.#standing(primary, key) ??
      this.#times(key) ?? {
        fingerprint: primary.fingerprint,
        signingKey: key.fingerprint,
        userId: primary.userIds[0],
        created: this.#signature.created as Date,
        algorithm: describeAlgorithm(this.#signature),
      }
    )
  }

  #reject(reason: Reason, detail: string): Rejection {
    const { keyId, fingerprint } = this.#signature
    return { reason, keyId: keyId ?? shortened(fingerprint), detail }
  }

  #form(): Rejection | undefined {
    const { type, hash, critical, created } = this.#signature
    const algorithm = hashAlgorithms[hash]
    if (type !== 0) return this.#reject('not supported', `signature type ${type}; of bytes (0) expected`)
    if (algorithm === undefined || !isChecked(this.#signature.algorithm))
      return this.#reject('not supported', describeAlgorithm(this.#signature))
    const isWeak = algorithm.strength === 'broken' || (algorithm.strength === 'weak' && !this.#terms.policy?.weakHashes)
    if (isWeak) return this.#reject('weak hash', algorithm.name)
    if (critical !== undefined) return this.#reject('not supported', `${critical} is critical`)
    if (created === undefined) return this.#reject('malformed signature', 'it does not say when it was made')
    return undefined
  }

  /** Begins to check with each key that the signature may be of. */
  #find(keyring: Keyring): Rejection | undefined {
    const signature = this.#signature
    const { algorithm, keyId, fingerprint } = signature
    const named = candidates(signature, keyring)
    if (named.length === 0) return this.#reject('unknown key', fingerprint ?? keyId ?? 'it names no key')
    for (const { primary, key } of named) {
      const fits = key.algorithm === algorithm && (key.version === 6) === (signature.version === 6)
      if (key.material === undefined || !fits) continue
      this.#checks.push({ primary, key, check: new SignatureCheck(signature, key.material) })
    }
    if (this.#checks.length > 0) return undefined
    const isKnown = named.some(({ key }) => key.material !== undefined)
    if (isKnown) return this.#reject('signature of other bytes', `its key is not of ${publicKeyName(algorithm)}`)
    return this.#reject('not supported', describeAlgorithm(signature))
  }

  #standing(primary: PrimaryKey, key: Key): Rejection | undefined {
    const { pins, now, policy } = this.#terms
    const { created } = this.#signature
    const isPinned = pins === undefined || pins.some((pin) => pin === primary.fingerprint || pin === key.fingerprint)
    if (!isPinned) return this.#reject('not a pinned key', primary.fingerprint)
    if (key.isRevoked) return this.#reject('revoked key', key.fingerprint)
    if (key.unfit !== undefined) return this.#reject(key.unfit.reason, `${key.fingerprint}: ${key.unfit.detail}`)
    const at = policy?.expiry === 'signing' ? (created as Date) : now
    if (key.expires !== undefined && key.expires <= at)
      return this.#reject('expired key', `${key.fingerprint} expired ${key.expires.toISOString()}`)
    return undefined
  }

  #times({ created: keyCreated }: Key): Rejection | undefined {
    const { created, expires } = this.#signature
    const { now } = this.#terms
    const at = (created as Date).toISOString()
    if ((created as Date).getTime() > now.getTime() + skewMs) return this.#reject('created in the future', at)
    if ((created as Date) < keyCreated) return this.#reject('malformed signature', `made ${at}, before its key`)
    if (expires !== undefined && expires <= now) return this.#reject('expired signature', expires.toISOString())
    return undefined
  }
}

/** The keys of a keyring that a signature names. */
function candidates({ fingerprint, keyId }: SignaturePacket, { keys }: Keyring): { primary: PrimaryKey; key: Key }[] {
  const isNamed = (key: Key) =>
    fingerprint === undefined
      ? key.keyId === keyId
      : key.fingerprint === fingerprint && (keyId ?? key.keyId) === key.keyId
  return keys.flatMap((primary) => [primary, ...primary.subkeys].filter(isNamed).map((key) => ({ primary, key })))
}

function shortened(fingerprint: string | undefined): string | undefined {
  if (fingerprint === undefined) return undefined
  return fingerprint.length === 40 ? fingerprint.slice(-16) : fingerprint.slice(0, 16)
}

export function isGood(verdict: Good | Rejection): verdict is Good {
  return 'fingerprint' in verdict
}

/** `expired key 0123456789abcdef (… expired 2024-01-01T00:00:00.000Z)`, for messages. */
export function describe({ reason, keyId, detail }: Rejection): string {
  return `${reason}${keyId === undefined ? '' : ` ${keyId}`}${detail === '' ? '' : ` (${detail})`}`
}
