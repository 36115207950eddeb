/** A hash by its number in OpenPGP (RFC 9580, 9.5): Node's name for it, its octets of salt in v6 signatures, how far it is trusted. */
export type HashAlgorithm = { name: string; node: string; salt: number; strength: 'good' | 'weak' | 'broken' }

/** `weak` ones vouch where a policy says so, `broken` ones never. */
export const hashAlgorithms: Readonly<Record<number, HashAlgorithm>> = {
  1: { name: 'MD5', node: 'md5', salt: 0, strength: 'broken' },
  2: { name: 'SHA1', node: 'sha1', salt: 0, strength: 'weak' },
  3: { name: 'RIPEMD160', node: 'ripemd160', salt: 0, strength: 'broken' },
  8: { name: 'SHA256', node: 'sha256', salt: 16, strength: 'good' },
  9: { name: 'SHA384', node: 'sha384', salt: 24, strength: 'good' },
  10: { name: 'SHA512', node: 'sha512', salt: 32, strength: 'good' },
  11: { name: 'SHA224', node: 'sha224', salt: 16, strength: 'weak' },
  12: { name: 'SHA3-256', node: 'sha3-256', salt: 16, strength: 'good' },
  14: { name: 'SHA3-512', node: 'sha3-512', salt: 32, strength: 'good' },
}

/** Names of public-key algorithms, those that are not checked here too, for messages (RFC 9580, 9.1; RFC 9980 for the last). */
const publicKeyNames: Readonly<Record<number, string>> = {
  1: 'RSA',
  2: 'RSA',
  3: 'RSA',
  16: 'Elgamal',
  17: 'DSA',
  18: 'ECDH',
  19: 'ECDSA',
  20: 'Elgamal',
  22: 'EdDSA',
  25: 'X25519',
  26: 'X448',
  27: 'Ed25519',
  28: 'Ed448',
  30: 'ML-DSA-65+Ed25519',
  31: 'ML-DSA-87+Ed448',
  32: 'SLH-DSA-SHAKE-128s',
  33: 'SLH-DSA-SHAKE-128f',
  34: 'SLH-DSA-SHAKE-256s',
}

/** RSA, DSA, ECDSA, EdDSA, Ed25519, Ed448: those whose signatures are checked, on the curves that material.ts knows. */
const checked = new Set([1, 3, 17, 19, 22, 27, 28])

export function isChecked(algorithm: number): boolean {
  return checked.has(algorithm)
}

export function publicKeyName(algorithm: number): string {
  return publicKeyNames[algorithm] ?? `algorithm ${algorithm}`
}

export function hashName(algorithm: number): string {
  return hashAlgorithms[algorithm]?.name ?? `hash ${algorithm}`
}
