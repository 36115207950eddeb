import { type Digest, parseDigest } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { attribute, isNamed, type StartTag, scanElement, textAfter } from '../xml/scan.ts'

/** A delta package that the metadata names; `base` is the xml:base of its location. */
export type Delta = { href: string; base: string | undefined; digest: Digest; size: number | undefined }

const end = Buffer.from('</newpackage>')
const begin = /<newpackage[\s>]/

/** One package has a delta from a few older builds. */
const maxBytes = 1024 * 1024

/** More than a distribution with ten builds of each package has. */
const maxDeltas = 1_000_000

/**
 * The delta packages of a prestodelta or deltainfo document: `<newpackage><delta><filename>`, `<size>` and `<checksum>`
 * (createrepo_c, src/xml_dump_deltapackage.c; libsolv, ext/repo_deltainfoxml.c).
 * @throws E_XML, E_HASH, E_LIMIT
 */
export async function* deltasOf(document: AsyncIterable<Buffer>): AsyncGenerator<Delta, void, undefined> {
  let count = 0
  for await (const element of newPackages(document))
    for (const delta of readDeltas(element)) {
      if (++count > maxDeltas) throw new MirrorError('E_LIMIT', `more than ${maxDeltas} delta packages`)
      yield delta
    }
}

async function* newPackages(document: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const block of document) {
    rest = Buffer.concat([rest, block])
    for (let stop = rest.indexOf(end); stop !== -1; stop = rest.indexOf(end)) {
      const start = rest.toString('latin1', 0, stop).search(begin)
      if (start === -1) throw new MirrorError('E_XML', 'a </newpackage> that ends no <newpackage>')
      yield rest.subarray(start, stop + end.length)
      rest = rest.subarray(stop + end.length)
    }
    if (rest.length > maxBytes) throw new MirrorError('E_LIMIT', `a <newpackage> of more than ${maxBytes} bytes`)
  }
  if (begin.test(rest.toString('latin1'))) throw new MirrorError('E_XML', 'the document is cut off')
}

type Found = { href?: string; base?: string | undefined; digest?: Digest; size?: number }

const fieldDepth = 2

function readDeltas(element: Buffer): Delta[] {
  const found: Found[] = []
  const visit = (tag: StartTag, depth: number) => {
    if (depth === 1 && isNamed(tag, 'delta')) found.push({})
    const last = found.at(-1)
    if (depth !== fieldDepth || last === undefined) return
    if (isNamed(tag, 'filename')) Object.assign(last, { href: textAfter(tag).trim(), base: attribute(tag, 'xml:base') })
    if (isNamed(tag, 'size')) last.size = readSize(textAfter(tag).trim())
    if (isNamed(tag, 'checksum')) last.digest = parseDigest(attribute(tag, 'type') ?? '', textAfter(tag).trim())
  }
  scanElement(element, visit, fieldDepth)
  return found.map(({ href = '', base, digest, size }) => {
    if (href === '' || digest === undefined)
      throw new MirrorError('E_XML', `a <delta> lacks its ${href === '' ? '<filename>' : `<checksum> (${href})`}`)
    return { href, base, digest, size }
  })
}

function readSize(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new MirrorError('E_XML', `${JSON.stringify(text)} is no size of a <delta>`)
  return Number(text)
}
