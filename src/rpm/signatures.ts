import type { Header } from './header.ts'
import type { Rpm } from './rpm.ts'
import { signatureTag, tag } from './tags.ts'

/**
 * An OpenPGP signature of a package: its packet, and whether it covers the main header alone (rpm's formats 4 and 6) or
 * header and payload (format 3). `packet` is undefined where the tag does not hold one.
 */
export type PackageSignature = { tag: string; packet: Buffer | undefined; covers: 'header' | 'both' }

/** A digest of the payload that the main header states, as node:crypto names its algorithm. */
export type PayloadDigest = { algorithm: string; hex: string }

const single = [
  ['RSAHEADER', signatureTag.rsa, 'header'],
  ['DSAHEADER', signatureTag.dsa, 'header'],
  ['SIGPGP', signatureTag.pgp, 'both'],
  ['SIGGPG', signatureTag.gpg, 'both'],
] as const

/**
 * Every signature that rpm may look at, those of the newest format first (rpm 6, docs/manual/signatures_digests.md). EdDSA
 * and ECDSA stand in the tags of DSA. In a package of format 6 tags above 999 mean nothing (lib/rpmvs.cc, rpmvsInit).
 */
export function signaturesOf({ signature }: Rpm): PackageSignature[] {
  const listed = (signature.strings(signatureTag.openpgp) ?? []).map(
    (text): PackageSignature => ({
      tag: 'OPENPGP',
      packet: fromBase64(text),
      covers: 'header',
    }),
  )
  const isModern = signature.has(signatureTag.reserved) && signature.has(signatureTag.sha3)
  const singles = single.flatMap(([name, number, covers]): PackageSignature[] => {
    if (!signature.has(number) || (isModern && covers === 'both')) return []
    return [{ tag: name, packet: signature.bin(number), covers }]
  })
  return [...listed, ...singles]
}

/** Node would pass over what is not base64; rpm refuses it. */
function fromBase64(text: string): Buffer | undefined {
  const joined = text.replaceAll(/\s/g, '')
  if (joined.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(joined)) return undefined
  return Buffer.from(joined, 'base64')
}

/** What hashes of rpm's number may vouch for a payload (RFC 9580, 9.5). */
const algorithms: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512', 12: 'sha3-256' }

/** A digest of the compressed payload, by which a signature of the header covers the payload too; undefined before rpm 4.14. */
export function payloadDigestOf({ main }: Rpm): PayloadDigest | undefined {
  const found = first(main, tag.payloadSha256)
  const algorithm = algorithms[main.number(tag.payloadSha256Algorithm) ?? 8]
  if (found !== undefined && algorithm !== undefined) return { algorithm, hex: found }
  const [sha512, sha3] = [first(main, tag.payloadSha512), first(main, tag.payloadSha3)]
  if (sha512 !== undefined) return { algorithm: 'sha512', hex: sha512 }
  return sha3 === undefined ? undefined : { algorithm: 'sha3-256', hex: sha3 }
}

function first(main: Header, of: number): string | undefined {
  return main.strings(of)?.[0]?.toLowerCase()
}
