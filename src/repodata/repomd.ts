import { type Digest, parseDigest } from '../digest.ts'
import { MirrorError } from '../errors.ts'
import { escapeAttribute, escapeText } from '../xml/escape.ts'
import { attributeOf, childrenOf, parseXml, textOf, type XmlElement } from '../xml/parse.ts'

/** One `<data>` element: a metadata file. Sizes are bytes, the timestamp is seconds since the epoch. */
export type RepomdRecord = {
  type: string
  href: string
  checksum: Digest
  size: number | undefined
  /** Of the uncompressed file; createrepo_c leaves it out where the file is not compressed. */
  openChecksum: Digest | undefined
  openSize: number | undefined
  timestamp: number
  databaseVersion: string | undefined
  /** Of a zchunk file's header alone, which clients fetch first. */
  header?: { checksum: Digest; size: number | undefined } | undefined
  /** xml:base of the location: what the href is relative to instead of the repository. */
  base?: string | undefined
}

/** repomd.xml. The revision is free text, an integer by convention. */
export type Repomd = { revision: string; tags: Tag[]; records: RepomdRecord[] }
export type Tag = { kind: (typeof tagKinds)[number]; text: string; cpeid: string | undefined }

/** In createrepo_c's order (src/xml_dump_repomd.c). */
const tagKinds = ['content', 'repo', 'distro'] as const

const lists = new Set(['data', 'repo', 'content', 'distro', 'tags'])

/**
 * Reads repomd.xml.
 * @throws E_NOT_REPOMD when the bytes are something else (a portal's HTML page), E_REPOMD naming the record at fault
 */
export function parseRepomd(bytes: Buffer): Repomd {
  const root = parseRoot(bytes)
  const records = childrenOf(root, 'data').map(readRecord)
  const twice = records.find(({ type }, i) => isDescription(type) && records.findIndex((r) => r.type === type) !== i)
  if (twice !== undefined) throw new MirrorError('E_REPOMD', `repomd.xml has two records of type ${twice.type}`)
  return { revision: textOf(root.revision) ?? '', tags: readTags(root), records }
}

function isDescription(type: string): boolean {
  return type === 'primary' || type === 'filelists' || type === 'other'
}

function parseRoot(bytes: Buffer): XmlElement {
  try {
    return parseXml(bytes, 'repomd', lists)
  } catch (cause) {
    const start = bytes.subarray(0, 80).toString('utf8').replaceAll(/\s+/g, ' ')
    const why = cause instanceof MirrorError ? cause.message : String(cause)
    throw new MirrorError('E_NOT_REPOMD', `not a repomd.xml (${why}); it begins ${JSON.stringify(start)}`, { cause })
  }
}

function readRecord(element: string | XmlElement): RepomdRecord {
  const type = attributeOf(element, 'type')
  if (type === undefined || type === '' || typeof element === 'string')
    throw new MirrorError('E_REPOMD', 'repomd.xml has a record without a type')
  const at = `record ${type} of repomd.xml`
  const href = attributeOf(element.location, 'href')
  if (href === undefined || href === '') throw new MirrorError('E_REPOMD', `${at} has no location`)
  const checksum = readChecksum(element.checksum, at)
  if (checksum === undefined) throw new MirrorError('E_REPOMD', `${at} has no checksum`)
  return {
    type,
    href,
    checksum,
    size: readNumber(element.size, whole, at),
    openChecksum: readChecksum(element['open-checksum'], at),
    openSize: readNumber(element['open-size'], whole, at),
    timestamp: Math.floor(readNumber(element.timestamp, withFraction, at) ?? 0),
    databaseVersion: textOf(element.database_version),
    ...readHeader(element, at),
    ...readBase(element.location),
  }
}

function readHeader(element: XmlElement, at: string): Pick<RepomdRecord, 'header'> {
  const checksum = readChecksum(element['header-checksum'], at)
  return checksum === undefined ? {} : { header: { checksum, size: readNumber(element['header-size'], whole, at) } }
}

function readBase(location: XmlElement[string] | undefined): Pick<RepomdRecord, 'base'> {
  const base = attributeOf(location, 'base')
  return base === undefined || base === '' ? {} : { base }
}

function readChecksum(element: XmlElement[string] | undefined, at: string): Digest | undefined {
  const text = textOf(element)
  if (text === undefined) return undefined
  try {
    return parseDigest(attributeOf(element, 'type') ?? '', text)
  } catch (cause) {
    throw new MirrorError('E_REPOMD', `${at}: ${(cause as Error).message}`, { cause })
  }
}

const whole = /^\d{1,15}$/
/** createrepo (Python) wrote timestamps so; createrepo_c writes them whole. */
const withFraction = /^\d{1,15}(\.\d*)?$/

function readNumber(element: XmlElement[string] | undefined, form: RegExp, at: string): number | undefined {
  const text = textOf(element)
  if (text === undefined) return undefined
  if (!form.test(text)) throw new MirrorError('E_REPOMD', `${at}: ${JSON.stringify(text)} is no number`)
  return Number(text)
}

function readTags(root: XmlElement): Tag[] {
  return childrenOf(root, 'tags').flatMap((tags) =>
    tagKinds.flatMap((kind) =>
      childrenOf(tags as XmlElement, kind).flatMap((element) => {
        const text = textOf(element)
        return text === undefined ? [] : [{ kind, text, cpeid: attributeOf(element, 'cpeid') }]
      }),
    ),
  )
}

/**
 * Writes repomd.xml in createrepo_c's order: primary, filelists, other, the same as databases and zchunks, the rest by type
 * (src/repomd.c 907-952; the order of a record's children: src/xml_dump_repomd.c 34-123).
 */
export function writeRepomd({ revision, tags, records }: Repomd): Buffer {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<repomd xmlns="http://linux.duke.edu/metadata/repo" xmlns:rpm="http://linux.duke.edu/metadata/rpm">',
    `  <revision>${escapeText(revision)}</revision>`,
    ...writeTags(tags),
    ...[...records].sort(byType).flatMap(writeRecord),
    '</repomd>',
    '',
  ]
  return Buffer.from(lines.join('\n'))
}

function writeTags(tags: Tag[]): string[] {
  if (tags.length === 0) return []
  const sorted = tagKinds.flatMap((kind) => tags.filter((tag) => tag.kind === kind))
  const lines = sorted.map(({ kind, text, cpeid }) => {
    const attribute = cpeid === undefined ? '' : ` cpeid="${escapeAttribute(cpeid)}"`
    return `    <${kind}${attribute}>${escapeText(text)}</${kind}>`
  })
  return ['  <tags>', ...lines, '  </tags>']
}

const first = ['', '_db', '_zck'].flatMap((form) => ['primary', 'filelists', 'other'].map((name) => name + form))

function byType(a: RepomdRecord, b: RepomdRecord): number {
  const rank = (record: RepomdRecord) => (first.indexOf(record.type) + first.length + 1) % (first.length + 1)
  return rank(a) - rank(b) || compare(a.type, b.type) || compare(a.href, b.href)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

function writeRecord(record: RepomdRecord): string[] {
  const { type, checksum, openChecksum, href, base, timestamp, size, openSize, header, databaseVersion } = record
  const xmlBase = base === undefined ? '' : ` xml:base="${escapeAttribute(base)}"`
  return [
    `  <data type="${escapeAttribute(type)}">`,
    ...writeChecksum('checksum', checksum),
    ...writeChecksum('open-checksum', openChecksum),
    ...writeChecksum('header-checksum', header?.checksum),
    `    <location href="${escapeAttribute(href)}"${xmlBase}/>`,
    `    <timestamp>${timestamp}</timestamp>`,
    ...writeElement('size', size),
    ...writeElement('open-size', openSize),
    ...writeElement('header-size', header?.size),
    ...writeElement('database_version', databaseVersion),
    '  </data>',
  ]
}

function writeChecksum(name: string, checksum: Digest | undefined): string[] {
  return checksum === undefined ? [] : [`    <${name} type="${typeName(checksum)}">${checksum.hex}</${name}>`]
}

function writeElement(name: string, content: string | number | undefined): string[] {
  return content === undefined ? [] : [`    <${name}>${escapeText(String(content))}</${name}>`]
}

/** createrepo_c writes SHA-1 under its old name. */
function typeName({ algorithm }: Digest): string {
  return algorithm === 'sha1' ? 'sha' : algorithm
}
