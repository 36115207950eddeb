import { type Digest, parseDigest } from '../../digest.ts'
import { MirrorError } from '../../errors.ts'
import { escapeAttribute } from '../../xml/escape.ts'
import { attribute, attributeRange, isNamed, type StartTag, scanElement, textAfter } from '../../xml/scan.ts'

/**
 * What selecting and fetching need of a package; the rest of its record stays bytes.
 * Sizes are bytes, times are seconds since the epoch; epoch is '0' where the record has none.
 */
export type PrimaryPackage = {
  name: string
  arch: string
  epoch: string
  version: string
  release: string
  checksum: Digest
  size: number
  href: string
  /** xml:base of the location: what the href is relative to instead of the repository. */
  base: string | undefined
  fileTime: number
  buildTime: number
}

/**
 * Reads one `<package>` of primary and checks the whole record for well-formedness on the way.
 * @throws E_PRIMARY naming what is missing, E_XML for bytes that are not well-formed
 */
export function readPrimaryRecord(record: Buffer): PrimaryPackage {
  const found: Partial<PrimaryPackage> = {}
  scanElement(record, (tag, depth) => {
    if (depth === 1) readChild(tag, found)
  })
  for (const field of required)
    if (found[field] === undefined || found[field] === '')
      throw new MirrorError('E_PRIMARY', `the record of ${found.name || 'a package without a name'} has no ${field}`)
  return { base: undefined, fileTime: 0, buildTime: 0, ...found } as PrimaryPackage
}

const required = ['name', 'arch', 'version', 'release', 'checksum', 'size', 'href'] as const

/** Tags are told apart by their first letters, since this runs for every child of every record. */
function readChild(tag: StartTag, found: Partial<PrimaryPackage>): void {
  switch (tag.bytes[tag.nameStart]) {
    case 0x6e: // n
      if (isNamed(tag, 'name')) found.name = textAfter(tag)
      return
    case 0x61: // a
      if (isNamed(tag, 'arch')) found.arch = textAfter(tag)
      return
    case 0x76: // v
      if (isNamed(tag, 'version')) readVersion(tag, found)
      return
    case 0x63: // c
      if (isNamed(tag, 'checksum')) found.checksum = parseDigest(attribute(tag, 'type') ?? '', textAfter(tag))
      return
    case 0x73: // s
      if (isNamed(tag, 'size')) found.size = readNumber(attribute(tag, 'package'), size, 'size', found)
      return
    case 0x74: // t
      if (isNamed(tag, 'time')) readTimes(tag, found)
      return
    case 0x6c: // l
      if (isNamed(tag, 'location')) readLocation(tag, found)
  }
}

function readVersion(tag: StartTag, found: Partial<PrimaryPackage>): void {
  found.epoch = attribute(tag, 'epoch') || '0'
  const version = attribute(tag, 'ver')
  const release = attribute(tag, 'rel')
  if (version !== undefined) found.version = version
  if (release !== undefined) found.release = release
}

function readTimes(tag: StartTag, found: Partial<PrimaryPackage>): void {
  found.fileTime = readNumber(attribute(tag, 'file') || '0', time, 'file time', found)
  found.buildTime = readNumber(attribute(tag, 'build') || '0', time, 'build time', found)
}

function readLocation(tag: StartTag, found: Partial<PrimaryPackage>): void {
  if (found.href !== undefined)
    throw new MirrorError('E_PRIMARY', `the record of ${found.name || 'a package'} has more than one location`)
  const href = attribute(tag, 'href')
  if (href !== undefined) found.href = href
  found.base = attribute(tag, 'xml:base')
}

/** An RPM has a lead at least, so that none is of no bytes. */
const size = /^(?!0+$)\d{1,15}$/
/** A file can be from before 1970. */
const time = /^-?\d{1,15}$/

function readNumber(text: string | undefined, form: RegExp, what: string, { name }: Partial<PrimaryPackage>): number {
  if (text === undefined || !form.test(text))
    throw new MirrorError(
      'E_PRIMARY',
      `the record of ${name || 'a package'} has no usable ${what}: ${JSON.stringify(text)}`,
    )
  return Number(text)
}

/** The record with another location; every other byte stays. An xml:base goes, unless another is given. */
export function relocate(record: Buffer, href: string, base?: string): Buffer {
  let range: { start: number; end: number } | undefined
  scanElement(record, (tag, depth) => {
    if (depth === 1 && isNamed(tag, 'location')) range = { start: tag.nameEnd, end: tag.end }
  })
  if (range === undefined) throw new MirrorError('E_PRIMARY', 'a record without a location')
  const tail = record.subarray(range.end)
  const empty = record[range.end - 2] === 0x2f ? '/>' : '>'
  const attributes = `${locationAttributes({ href, base })}${empty}`
  return Buffer.concat([record.subarray(0, range.start), Buffer.from(attributes), tail])
}

/** The attributes of a location; a base that is a path becomes a `file:` URL, as createrepo_c makes it (src/xml_dump.c 85-91). */
export function locationAttributes({ href, base }: { href: string; base: string | undefined }): string {
  const url = base?.startsWith('/') === true ? `file://${base}` : base
  const based = url === undefined || url === '' ? '' : ` xml:base="${escapeAttribute(url)}"`
  return `${based} href="${escapeAttribute(href)}"`
}

/** The `pkgid` of a record of filelists or other (hex text), which ties it to primary's; the bytes are checked on the way. */
export function readPkgid(record: Buffer): string {
  let pkgid: string | undefined
  scanElement(record, (tag, depth) => {
    if (depth !== 0) return
    const range = attributeRange(tag, 'pkgid')
    pkgid = range && tag.bytes.toString('latin1', range.start, range.end).toLowerCase()
  })
  if (pkgid === undefined) throw new MirrorError('E_MISMATCH', 'a record of filelists or other has no pkgid')
  return pkgid
}

/**
 * A record for filelists or other made from primary's, where the upstream has no such document: without files and
 * without changelogs, because primary does not hold them.
 */
export function emptyRecord({ name, arch, epoch, version, release, checksum }: PrimaryPackage): Buffer {
  const attributes = `pkgid="${checksum.hex}" name="${escapeAttribute(name)}" arch="${escapeAttribute(arch)}"`
  const evr = `epoch="${escapeAttribute(epoch)}" ver="${escapeAttribute(version)}" rel="${escapeAttribute(release)}"`
  return Buffer.from(`<package ${attributes}>\n  <version ${evr}/>\n</package>`)
}
