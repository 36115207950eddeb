import { algorithms, type Digest, parseDigest } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { attributeOf, childrenOf, parseXml, textOf, type XmlElement } from '../xml/parse.ts'

/** One version of the file that a metalink describes: bytes, seconds since the epoch, and digests, the strongest first. */
export type MetalinkVersion = { size: number | undefined; timestamp: number | undefined; digests: Digest[] }

/** What a metalink says of one file: how it is now, how it was, and where it is, the preferred place first. */
export type Metalink = { current: MetalinkVersion; alternates: MetalinkVersion[]; urls: string[] }

const lists = new Set(['file', 'url', 'hash', 'alternate'])

/**
 * Reads what a metalink says of a file: Metalink 3.0 with the alternates of MirrorManager's namespace
 * (http://fedorahosted.org/mirrormanager), and Metalink 4 (RFC 5854), which has no alternates. Digests of kinds that nobody
 * knows are passed over, as librepo does (metalink.c).
 * @throws E_METALINK when the bytes are something else, or describe another file
 */
export function parseMetalink(bytes: Buffer, name: string): Metalink {
  const root = parseRoot(bytes)
  const files = [...childrenOf(root, 'file'), ...childrenOf(elementOf(root.files), 'file')]
  const file = files.find((one) => attributeOf(one, 'name') === name)
  if (file === undefined) {
    const names = files.slice(0, 3).map((one) => JSON.stringify(attributeOf(one, 'name')?.slice(0, 80) ?? ''))
    const others = names.length === 0 ? 'nothing' : names.join(', ')
    throw new MirrorError('E_METALINK', `the metalink says nothing of ${name}, it describes ${others}`)
  }
  const element = elementOf(file)
  return {
    current: readVersion(element),
    alternates: childrenOf(elementOf(element.alternates), 'alternate').map((one) => readVersion(elementOf(one))),
    urls: readUrls(element),
  }
}

function parseRoot(bytes: Buffer): XmlElement {
  try {
    return parseXml(bytes, 'metalink', lists)
  } catch (cause) {
    const start = bytes.subarray(0, 80).toString('utf8').replaceAll(/\s+/g, ' ')
    const why = cause instanceof MirrorError ? cause.message : String(cause)
    throw new MirrorError('E_METALINK', `not a metalink (${why}); it begins ${JSON.stringify(start)}`, { cause })
  }
}

/** Version 3 has the digests in `<verification>`, version 4 has them beside the size. */
function readVersion(element: XmlElement): MetalinkVersion {
  const hashes = [...childrenOf(elementOf(element.verification), 'hash'), ...childrenOf(element, 'hash')]
  const digests = hashes.flatMap(readDigest)
  digests.sort((a, b) => algorithms.indexOf(b.algorithm) - algorithms.indexOf(a.algorithm))
  return { size: readNumber(element.size), timestamp: readNumber(element.timestamp), digests }
}

/** Version 4 takes IANA's names, `sha-256`. @throws E_METALINK for a malformed digest of a known kind */
function readDigest(hash: string | XmlElement): Digest[] {
  const type = attributeOf(hash, 'type')?.toLowerCase().replace(/^sha-/, 'sha') ?? ''
  if (type !== 'sha' && !algorithms.some((known) => known === type)) return []
  try {
    return [parseDigest(type, textOf(hash) ?? '')]
  } catch (cause) {
    throw new MirrorError('E_METALINK', `the metalink has a ${(cause as Error).message}`, { cause })
  }
}

function readNumber(element: XmlElement[string] | undefined): number | undefined {
  const text = textOf(element)
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

/** By `preference`, 100 first, in version 3, and by `priority`, 1 first, in version 4; equal ones as they stand. */
function readUrls(file: XmlElement): string[] {
  const preferred = (url: string | XmlElement) => rank(attributeOf(url, 'preference')) ?? 0
  const priority = (url: string | XmlElement) => rank(attributeOf(url, 'priority')) ?? 999_999
  const third = childrenOf(elementOf(file.resources), 'url').sort((a, b) => preferred(b) - preferred(a))
  const fourth = childrenOf(file, 'url').sort((a, b) => priority(a) - priority(b))
  return [...third, ...fourth].flatMap((url) => textOf(url) ?? [])
}

function rank(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined
}

function elementOf(element: XmlElement[string] | undefined): XmlElement {
  return element === undefined || typeof element === 'string' || Array.isArray(element) ? {} : element
}
