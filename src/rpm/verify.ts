import { createHash, hash } from 'node:crypto'
import { MirrorError } from '../errors.ts'
import type { Rpm } from './rpm.ts'
import { signatureTag, tag } from './tags.ts'
import { type } from './tagTypes.ts'

/** Digests of the main header that the signature header holds as hex text; rpm checks each that is there. */
const headerDigests = [
  [signatureTag.sha256, 'sha256', 64],
  [signatureTag.sha3, 'sha3-256', 64],
  [signatureTag.sha1, 'sha1', 40],
] as const

/**
 * Checks what the package says of itself: every digest of its main header, its size, and that its signature header holds
 * what rpm accepts. A package from before rpm 4 has only an MD5 digest of all that follows: `rest` gives those bytes.
 * @throws E_RPM_DIGEST for a digest that differs, E_RPM for what else is wrong, and for a package without any digest
 */
export function verify(rpm: Rpm, header: Buffer, fileBytes: number, rest: () => Iterable<Buffer>): void {
  checkSignatureTags(rpm)
  checkSize(rpm, fileBytes)
  if (!checkHeaderDigests(rpm, header)) checkMd5(rpm, rest())
}

/** Compares every digest of the main header that there is. @returns whether there was one */
export function checkHeaderDigests({ signature }: Rpm, header: Buffer): boolean {
  let found = false
  for (const [of, algorithm, length] of headerDigests) {
    if (!signature.has(of)) continue
    const stated = signature.string(of)?.toLowerCase()
    if (stated?.length !== length || !/^[0-9a-f]+$/.test(stated))
      throw new MirrorError('E_RPM', `the ${algorithm} digest of its header is malformed`)
    const actual = hash(algorithm, header, 'hex')
    if (actual !== stated) throw differs(`the ${algorithm} digest of its header`, stated, actual)
    found = true
  }
  return found
}

function checkMd5({ signature }: Rpm, rest: Iterable<Buffer>): void {
  const stated = signature.bin(signatureTag.md5)?.toString('hex')
  if (stated === undefined) throw new MirrorError('E_RPM', 'it holds no digest of its header')
  const md5 = createHash('md5')
  for (const chunk of rest) md5.update(chunk)
  const actual = md5.digest('hex')
  if (actual !== stated) throw differs('its MD5 digest', stated, actual)
}

export function differs(what: string, stated: string, actual: string): MirrorError {
  const short = (hex: string) => `${hex.slice(0, 16)}...`
  return new MirrorError('E_RPM_DIGEST', `${what} differs: expected ${short(stated)}, found ${short(actual)}`)
}

/** Header and payload together are stated up to format 4, the payload alone from format 6 on. */
function checkSize({ signature, main, headerStart, headerEnd }: Rpm, fileBytes: number): void {
  const both = signature.number(signatureTag.longSize) ?? signature.number(signatureTag.size)
  const payload = main.number(tag.payloadSize)
  const expected = both === undefined ? payload && headerEnd + payload : headerStart + both
  if (expected === undefined || expected === fileBytes) return
  const how = fileBytes < expected ? 'it is cut off' : 'more stands behind its end'
  throw new MirrorError('E_RPM', `${how}: ${expected} bytes expected, found ${fileBytes}`)
}

/** What rpm merges from the signature header into the main one: tag there, tag here, type, items (0: any number). */
const merged: readonly [number, number, number, number][] = [
  [1000, 257, type.int32, 1],
  [1002, 259, type.bin, 0],
  [1004, 261, type.bin, 16],
  [1005, 262, type.bin, 0],
  [1007, tag.archiveSize, type.int32, 1],
  [274, 274, type.stringArray, 0],
  [275, 275, type.int32, 1],
  [276, 276, type.stringArray, 0],
  [277, 277, type.int32, 1],
  [269, 269, type.string, 1],
  [273, 273, type.string, 1],
  [279, 279, type.string, 1],
  [267, 267, type.bin, 0],
  [268, 268, type.bin, 0],
  [270, 270, type.int64, 1],
  [271, 271, type.int64, 1],
  [278, 278, type.stringArray, 0],
]
/** These may stand in either header, never in both. */
const inEither = new Set([274, 275, 1007])
const maxItems = 16 * 1024 * 1024

/** rpm's own conditions for the merge (lib/package.c, headerMergeLegacySigs). @throws E_RPM */
export function checkSignatureTags({ signature, main }: Rpm): void {
  for (const [there, here, expected, count] of merged) {
    const isThere = signature.has(there)
    if (main.has(here) && (isThere || !inEither.has(there)))
      throw new MirrorError('E_RPM', `its main header holds tag ${here}, which belongs to the signature header`)
    if (!isThere) continue
    const items = signature.count(there)
    if (signature.typeOf(there) !== expected || items > maxItems || (count !== 0 && items !== count))
      throw new MirrorError('E_RPM', `signature header: tag ${there} is not of its type and number of items`)
  }
}
