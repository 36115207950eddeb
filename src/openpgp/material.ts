import { createPublicKey, type KeyObject } from 'node:crypto'
import { bits, identifier, integer, nothing, sequence } from './der.ts'
import { type Fields, Malformed } from './packet.ts'

/**
 * What checks signatures of a key: `octets` is the size of one number of its signatures (of the whole one for RSA and the
 * native Ed25519 and Ed448), for numbers are stored without leading zeros.
 */
export type Material = { scheme: 'rsa' | 'dsa' | 'eddsa' | 'native'; key: KeyObject; octets: number; strength: string }

/**
 * Curves of ECDSA by their OID in OpenPGP and in DER alike: name and octets of a coordinate (RFC 9580, 9.2). Those of
 * Brainpool are left out, because openpgp.js cannot judge keys of them in Node.
 */
const curves: Readonly<Record<string, [string, number]>> = {
  '2a8648ce3d030107': ['P-256', 32],
  '2b81040022': ['P-384', 48],
  '2b81040023': ['P-521', 66],
}

const ed25519Legacy = '2b06010401da470f01'

/**
 * Reads the algorithm's own fields of a public key packet (RFC 9580, 5.5.5).
 * @returns undefined for an algorithm or a curve whose signatures are not checked here
 * @throws Malformed, or node's own error for numbers that are no key
 */
export function readMaterial(algorithm: number, fields: Fields): Material | undefined {
  if (algorithm === 1 || algorithm === 3) return rsa(fields.mpi(), fields.mpi())
  if (algorithm === 17) return dsa(fields.mpi(), fields.mpi(), fields.mpi(), fields.mpi())
  if (algorithm === 19) return ecdsa(fields.take(fields.number(1)).toString('hex'), fields.mpi())
  if (algorithm === 22) return eddsa(fields.take(fields.number(1)).toString('hex'), fields.mpi())
  if (algorithm === 27) return edwards('native', '2b6570', fields.take(32), 64, 'Ed25519')
  if (algorithm === 28) return edwards('native', '2b6571', fields.take(57), 114, 'Ed448')
  return undefined
}

function rsa(n: Buffer, e: Buffer): Material {
  const algorithm = sequence(identifier('2a864886f70d010101'), nothing)
  const key = publicKey(algorithm, sequence(integer(n), integer(e)))
  return { scheme: 'rsa', key, octets: n.length, strength: String(n.length * 8) }
}

function dsa(p: Buffer, q: Buffer, g: Buffer, y: Buffer): Material {
  const domain = sequence(integer(p), integer(q), integer(g))
  const key = publicKey(sequence(identifier('2a8648ce380401'), domain), integer(y))
  return { scheme: 'dsa', key, octets: q.length, strength: String(p.length * 8) }
}

function ecdsa(oid: string, point: Buffer): Material | undefined {
  const curve = curves[oid]
  if (curve === undefined) return undefined
  const algorithm = sequence(identifier('2a8648ce3d0201'), identifier(oid))
  return { scheme: 'dsa', key: publicKey(algorithm, point), octets: curve[1], strength: curve[0] }
}

/** The point of Curve25519 has a prefix octet of its own here. */
function eddsa(oid: string, point: Buffer): Material | undefined {
  if (oid !== ed25519Legacy) return undefined
  if (point.length !== 33 || point[0] !== 0x40) throw new Malformed('an Ed25519 key of another length')
  return edwards('eddsa', '2b6570', point.subarray(1), 32, 'Ed25519')
}

function edwards(scheme: 'eddsa' | 'native', oid: string, point: Buffer, octets: number, strength: string): Material {
  return { scheme, key: publicKey(sequence(identifier(oid)), point), octets, strength }
}

function publicKey(algorithm: Buffer, content: Buffer): KeyObject {
  return createPublicKey({ key: sequence(algorithm, bits(content)), format: 'der', type: 'spki' })
}
