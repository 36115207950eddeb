import { createHash, type Hash } from 'node:crypto'
import { MirrorError } from './errors.ts'

/** The digest algorithms that repository metadata names, weakest first. */
export const algorithms = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const
export type Algorithm = (typeof algorithms)[number]

/** A digest as metadata states it; `hex` is lower case and of the algorithm's own length. */
export type Digest = { readonly algorithm: Algorithm; readonly hex: string }

/** How many hex digits a digest has. */
export const hexLengths: Record<Algorithm, number> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
}

/**
 * Reads a `<checksum type="...">` element's two parts. createrepo writes SHA-1 as `sha`.
 * @throws E_HASH for an unknown type or hex text that is not of the type's length
 */
export function parseDigest(type: string, text: string): Digest {
  const algorithm = type === 'sha' ? 'sha1' : algorithms.find((known) => known === type.toLowerCase())
  if (algorithm === undefined) throw new MirrorError('E_HASH', `unknown checksum type ${JSON.stringify(type)}`)
  const hex = text.trim().toLowerCase()
  if (hex.length !== hexLengths[algorithm] || !/^[0-9a-f]+$/.test(hex))
    throw new MirrorError('E_HASH', `malformed ${algorithm} checksum ${JSON.stringify(text.slice(0, 140))}`)
  return { algorithm, hex }
}

/** Whether collisions are cheap to make: such a digest vouches for nothing unless the operator says so. */
export function isWeak({ algorithm }: Digest): boolean {
  return algorithm === 'md5' || algorithm === 'sha1'
}

/** Counts and hashes bytes for a stated digest and for the sha256 that the pool is addressed by, in one pass. */
export class Hasher {
  bytes = 0
  readonly #sha256: Hash = createHash('sha256')
  readonly #stated: Hash | undefined
  readonly #algorithm: Algorithm

  constructor(algorithm: Algorithm = 'sha256') {
    this.#algorithm = algorithm
    this.#stated = algorithm === 'sha256' ? undefined : createHash(algorithm)
  }

  update(chunk: Uint8Array): void {
    this.bytes += chunk.length
    this.#sha256.update(chunk)
    this.#stated?.update(chunk)
  }

  /** Ends the hashing; the digest in the stated algorithm, and the sha256 as hex. */
  finish(): { stated: Digest; sha256: string } {
    const sha256 = this.#sha256.digest('hex')
    return { stated: { algorithm: this.#algorithm, hex: this.#stated?.digest('hex') ?? sha256 }, sha256 }
  }
}

/** `sha256 expected ab12..., found cd34...`: the part of a message that says how two digests differ. */
export function difference(expected: Digest, found: Digest): string {
  return `${expected.algorithm} expected ${expected.hex.slice(0, 16)}..., found ${found.hex.slice(0, 16)}...`
}
