import { constants, createHash, createVerify, type Hash, publicDecrypt, type Verify, verify } from 'node:crypto'
import { hashAlgorithms } from './algorithms.ts'
import type { Material } from './material.ts'
import { Fields, Malformed } from './packet.ts'
import type { SignaturePacket } from './signaturePacket.ts'

/** Before the digest in an RSA signature (RFC 8017, 9.2): DER of the hash's OID, by the hash's number. */
const digestPrefixes: Readonly<Record<number, string>> = {
  2: '3021300906052b0e03021a05000414',
  8: '3031300d060960864801650304020105000420',
  9: '3041300d060960864801650304020205000430',
  10: '3051300d060960864801650304020305000440',
  11: '302d300d06096086480165030402040500041c',
  12: '3031300d060960864801650304020805000420',
  14: '3051300d060960864801650304020a05000440',
}

/** Whether bytes, given piece by piece, are what a key signed. The signature's hash must be one of the table's. */
export class SignatureCheck {
  readonly #signature: SignaturePacket
  readonly #material: Material
  readonly #hash: Hash
  readonly #verify: Verify | undefined

  constructor(signature: SignaturePacket, material: Material) {
    const { node } = hashAlgorithms[signature.hash]!
    this.#signature = signature
    this.#material = material
    this.#hash = createHash(node)
    // Node takes a digest that was made elsewhere for RSA and EdDSA only.
    this.#verify = material.scheme === 'dsa' ? createVerify(node) : undefined
    this.update(signature.salt)
  }

  update(bytes: Buffer): void {
    this.#hash.update(bytes)
    this.#verify?.update(bytes)
  }

  /** Ends the bytes. */
  isGood(): boolean {
    this.update(this.#signature.trailer)
    const digest = this.#hash.digest()
    if (!digest.subarray(0, 2).equals(this.#signature.start)) return false
    try {
      return this.#isOf(digest)
    } catch (error) {
      if (error instanceof Malformed || isOfCrypto(error)) return false
      throw error
    }
  }

  #isOf(digest: Buffer): boolean {
    const { scheme, key, octets } = this.#material
    const fields = new Fields(this.#signature.numbers)
    const numbers = readNumbers(scheme, fields, octets)
    if (fields.left > 0) return false
    if (scheme === 'rsa') return this.#isRsa(digest, numbers)
    if (scheme === 'dsa') return this.#verify!.verify({ key, dsaEncoding: 'ieee-p1363' }, numbers)
    return verify(null, digest, key, numbers)
  }

  #isRsa(digest: Buffer, numbers: Buffer): boolean {
    const prefix = digestPrefixes[this.#signature.hash]
    if (prefix === undefined) return false
    const signed = publicDecrypt({ key: this.#material.key, padding: constants.RSA_PKCS1_PADDING }, numbers)
    return signed.equals(Buffer.concat([Buffer.from(prefix, 'hex'), digest]))
  }
}

/** The numbers at their full length, one behind the other. @throws Malformed */
function readNumbers(scheme: Material['scheme'], fields: Fields, octets: number): Buffer {
  if (scheme === 'native') return fields.take(octets)
  const count = scheme === 'rsa' ? 1 : 2
  return Buffer.concat(Array.from({ length: count }, () => padded(fields.mpi(), octets)))
}

function padded(number: Buffer, octets: number): Buffer {
  if (number.length > octets) throw new Malformed('a number is too long')
  return Buffer.concat([Buffer.alloc(octets - number.length), number])
}

/** What OpenSSL refuses is no signature: a padding that is none, a number out of range. */
function isOfCrypto(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && code.startsWith('ERR_OSSL')
}
